//! The quire command.
