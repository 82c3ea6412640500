//! Technologies behind the ports: one folder each, and each runs its port's contract.

#[cfg(feature = "faults")]
pub mod decorators;
pub mod filesystem;
pub mod in_memory;

pub use filesystem::FilesystemObjectStore;
pub use in_memory::{InMemoryJobQueue, InMemoryObjectStore, InMemoryProgressStore};
