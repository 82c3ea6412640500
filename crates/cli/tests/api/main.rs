//! The coordinator over real HTTP, with ports in memory and a worker that makes records up.

mod buckets;
mod commands;
mod fleet;
mod http;
