//! Table structure: table image in, rows, columns and spans out.
