//! The processes of a fleet: `quire-worker`, and the way to RabbitMQ, S3 and Redis that they share.

pub(crate) mod connect;
mod device;
mod health;
mod worker;

pub use connect::connect;
pub use worker::WorkerOptions;
pub(crate) use worker::run as run_worker;
