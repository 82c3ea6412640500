//! Promises of the assembly.
