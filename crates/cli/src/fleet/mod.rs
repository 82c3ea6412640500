//! The processes of a fleet: `quire-worker`, and the coordinator of `quire serve` and `--direct`, with what both share:
//! the way to RabbitMQ, S3 and Redis.

pub(crate) mod connect;
mod device;
pub(crate) mod direct;
mod health;
pub(crate) mod host;
mod scratch;
mod worker;

pub use connect::connect;
pub use worker::WorkerOptions;
pub(crate) use worker::run as run_worker;
