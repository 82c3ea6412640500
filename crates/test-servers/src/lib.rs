//! Private servers for tests: each has its own ports and its own folder, and ends with the value that stands for it.
//!
//! ```text
//!  RabbitMq::start() ──▶ epmd + rabbitmq-server     Redis::start() ──▶ redis-server     S3::start() ──▶ moto
//!  MemoryS3::start() ──▶ a thread of this process, fast, with faults on request
//! ```
//!
//! They listen on loopback only, take no configuration from the machine, and
//! can be killed and started again on the same data. Many may live at once.
//! Calls block: give a test that has other tasks a runtime of several threads.
//! One invariant: no server outlives the test process, however that ends.

mod child;
mod find;
mod memory_s3;
mod ports;
mod rabbitmq;
mod redis;
mod s3;
mod spawner;

pub use memory_s3::{Faults, MemoryS3};
pub use rabbitmq::RabbitMq;
pub use redis::Redis;
pub use s3::S3;
