//! Technologies behind the ports: one folder each, and each runs its port's contract.
//!
//! Those that are services connect in a bounded time, or say which service,
//! where, and what to do. No address is shown with its password.

mod connect_error;
#[cfg(feature = "faults")]
pub mod decorators;
pub mod filesystem;
pub mod in_memory;
pub mod rabbitmq;
pub mod redis;
pub mod s3;
mod service_url;

pub use connect_error::ConnectError;
pub use filesystem::FilesystemObjectStore;
pub use in_memory::{InMemoryJobQueue, InMemoryObjectStore, InMemoryProgressStore};
pub use rabbitmq::{RabbitMqConfig, RabbitMqJobQueue};
pub use redis::{RedisConfig, RedisProgressStore};
pub use s3::{S3Config, S3ObjectStore};
pub use service_url::{InvalidUrl, ServiceUrl};
