//! A folder as an object store.

mod error;
mod list;
mod object_store;
mod staging;

pub use object_store::FilesystemObjectStore;
