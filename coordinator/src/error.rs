//! Why the coordinator could not go on with a job. The job itself goes on at the next run.

use quire_ports::{QueueError, Source, StoreError, range_file::EncodeError};
use quire_proto::{JobId, ObjectKey};

/// An error of the coordinator; an error of a page or document is a result, not one of these.
#[derive(Debug, thiserror::Error)]
pub enum CoordinatorError {
    /// There is no such job.
    #[error("job {0} was never submitted")]
    UnknownJob(JobId),
    /// The store did not do what was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue did not do what was asked.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Pages cannot be counted at all, whatever the document.
    #[error("the renderer is not available")]
    Counter(#[source] Source),
    /// A record of the job is not one this version can read.
    #[error("{key} cannot be read")]
    Record {
        /// Where it lies.
        key: ObjectKey,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The records of failed pages could not be written.
    #[error("records of failed pages could not be written")]
    Encode(#[from] EncodeError),
}
