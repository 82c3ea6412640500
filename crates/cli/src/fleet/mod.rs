//! The processes of a fleet: `quire-worker`, and what `quire serve` shares with it: the way to RabbitMQ, S3 and Redis.

pub(crate) mod connect;
mod device;
mod health;
pub(crate) mod scratch;
mod worker;

pub use connect::connect;
pub use worker::WorkerOptions;
pub(crate) use worker::run as run_worker;
