//! S3 and what speaks like it, as an object store.
//!
//! Of many creators exactly one wins because the server checks `If-None-Match: *`
//! itself. Some servers accept the condition and ignore it: [`S3ObjectStore::probe`]
//! finds out, and from then on the store looks before it writes, which is not safe
//! against a second writer at the same moment and is logged loudly.
//!
//! [`BucketReader`] reads what others put into buckets, for whoever submits it.

mod bucket_reader;
mod client;
mod config;
mod download;
mod error;
mod object_store;
mod pending_upload;
mod probe;
mod secret;
mod upload;

pub use bucket_reader::{BucketReader, Listed, ReadError};
pub use config::S3Config;
pub use object_store::S3ObjectStore;
pub use probe::Conditions;
pub use secret::Secret;
