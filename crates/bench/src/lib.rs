//! Benchmarks: accuracy against the corpus, speed against the peers.
//!
//! ```text
//!  corpus ──▶ quire ──▶ output directory ──▶ score ──▶ table, bars, JSON
//!                │
//!                └─▶ process: wall time, memory of the whole process tree
//! ```
//!
//! Accuracy and speed are measured from outside, on the released `quire` command, as a user would. The fleet is
//! measured with workers of ours whose pages cost a fixed time (`fleet`, `fleet-worker`).

pub mod commands;
pub mod corpus;
pub mod fleet;
pub mod long_document;
pub mod output;
pub mod peers;
pub mod process;
pub mod quire;
pub mod report;
pub mod score;
