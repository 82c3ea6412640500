//! What the services need from outside: a queue, an object store, a place for progress.
//!
//! ```text
//!  coordinator ──publish──▶ JobQueue ──lend──▶ worker
//!       ▲                                        │ put range, then mark, then settle
//!       └── ProgressStore (a hint) ◀─────────────┤
//!       └── ObjectStore (the only truth) ◀───────┘
//! ```
//!
//! Everything here may be lost, doubled or late except what the object store
//! acknowledged. Errors are named for what the caller does next.

pub mod backoff;
pub mod bundle;
#[cfg(feature = "contract")]
pub mod contract;
pub mod input_file;
pub mod job_queue;
pub mod listings;
pub mod object_store;
pub mod progress_store;
pub mod range_file;

pub use backoff::Backoff;
pub use bundle::Ports;
pub use input_file::InputFile;
pub use job_queue::{Delivery, Disposition, JobQueue, QueueError, QueueLimits, Settled, Settlement};
pub use listings::Listings;
pub use object_store::{
    Listing, LocalFile, ObjectMeta, ObjectStore, Put, StoreError, StoredFile, Unfinished,
};
pub use progress_store::{
    Cursor, Events, PageMark, PageMarks, ProgressError, ProgressEvent, ProgressStore, Snapshot, Undertaking,
};

/// The underlying error of an adapter.
pub type Source = Box<dyn std::error::Error + Send + Sync>;
