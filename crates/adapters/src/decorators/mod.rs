//! Decorators over ports that break things on purpose, by a seed.

mod faulty_store;

pub use faulty_store::{Faults, FaultyStore};
