//! The page pipeline: takes page ranges, gives page records.

pub mod batcher;
pub mod budget;
pub mod cpu;
pub mod meter;
