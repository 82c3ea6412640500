//! RabbitMQ as a job queue.
//!
//! ```text
//!  publish ──▶ connection 1 ──▶ quire.pages.high, quire.pages.low ──▶ connection 2 ──▶ receive
//!                                    │ delivered 100 times                │ ack, nack
//!                                    ▼                                    ▼
//!                               quire.parked ◀── published, confirmed ── settle
//! ```
//!
//! Two connections, because a broker short of memory or disk stops one that
//! publishes, acknowledgements included. A session is never repaired: at the
//! first error it is dropped and a new one is opened, and what was lent by the old
//! one comes again. One invariant: a message goes only after its successor is confirmed.

mod config;
mod error;
mod intake;
mod job_queue;
mod loan;
mod pace;
mod parked;
mod publisher;
mod server;
mod topology;

pub use config::RabbitMqConfig;
pub use job_queue::RabbitMqJobQueue;
