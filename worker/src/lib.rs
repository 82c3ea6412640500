//! The page pipeline: takes page ranges, gives page records.
//!
//! ```text
//!  JobQueue ─▶ service ─▶ range ─▶ page ─▶ page ─▶ … each page: render, read, assemble
//!                           │                └──▶ engine: layout, detect, recognize, orient, table
//!                           └─▶ ObjectStore, ProgressStore, settle         (micro-batches over all pages)
//! ```
//!
//! Full means wait: pages wait for bytes of the [budget](budget::ByteBudget), ranges for
//! their pages, the intake for its ranges, and the queue holds the rest.

pub mod batcher;
pub mod budget;
pub mod cpu;
pub mod documents;
pub mod engine;
pub mod meter;
pub mod page;
pub mod range;
pub mod service;
