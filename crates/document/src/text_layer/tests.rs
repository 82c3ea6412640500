//! Tests of the line builder.
