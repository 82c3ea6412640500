//! The promises of the worker's service, over ports in memory and a reader that does as it is told.

mod deaths;
mod drain;
mod halt;
mod support;
