//! Why the coordinator could not go on with a job. The job itself goes on at the next run.

use quire_ports::{ProgressError, QueueError, Source, StoreError, range_file::EncodeError};
use quire_proto::{DocumentId, JobId, ObjectKey};

use crate::ReadError;

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
    /// A record that a later version may have written.
    #[error("{0} is no record that this version knows")]
    UnknownRecord(ObjectKey),
    /// The records of failed pages could not be written.
    #[error("records of failed pages could not be written")]
    Encode(#[from] EncodeError),
    /// A document was named that was never stored.
    #[error("document {0} is not in the store: send it first")]
    NoSource(DocumentId),
    /// A job without documents.
    #[error("a job needs at least one document")]
    NoDocuments,
    /// The idempotency key stands for another request.
    #[error("this idempotency key was used for another request, job {0}: use a new key")]
    KeyTaken(JobId),
    /// The job is not finished.
    #[error("job {0} is not finished: cancel it first, or wait for its end")]
    Running(JobId),
    /// A record of a page could not be read back.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Progress could not be read.
    #[error(transparent)]
    Progress(#[from] ProgressError),
}

impl CoordinatorError {
    /// Whether the same may succeed later, because a service was away.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Store(StoreError::Unavailable(_))
                | Self::Queue(QueueError::Unavailable(_))
                | Self::Read(ReadError::Store(StoreError::Unavailable(_)))
                | Self::Progress(ProgressError::Unavailable(_))
                | Self::Counter(_)
        )
    }
}
