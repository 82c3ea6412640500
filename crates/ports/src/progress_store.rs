//! Which pages are decided: a cache for people and a hint for the coordinator.
//!
//! It may be emptied at any moment; nothing is decided from it alone.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;
use quire_proto::{DocumentId, JobId, Ledger, PageNumber, PageRange, RangeJob, record::PageStatus};

use crate::Source;

/// Why progress could not be kept or read. Never a reason to stop working.
#[derive(Debug, thiserror::Error)]
pub enum ProgressError {
    /// Not now: the same call may succeed later.
    #[error("progress store is not available")]
    Unavailable(#[source] Source),
    /// Not ever with this configuration.
    #[error("progress store refused the request")]
    Refused(#[source] Source),
}

/// What became of one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageMark {
    /// The page.
    pub page: PageNumber,
    /// Its state.
    pub status: PageStatus,
}

/// Pages of one document that were decided together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageMarks {
    /// The job they count for.
    pub job: JobId,
    /// The document.
    pub document: DocumentId,
    /// The pages.
    pub pages: Vec<PageMark>,
}

/// A range of a job as something that workers begin and end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Undertaking {
    /// The job.
    pub job: JobId,
    /// The document.
    pub document: DocumentId,
    /// The pages.
    pub range: PageRange,
}

impl From<&RangeJob> for Undertaking {
    fn from(job: &RangeJob) -> Self {
        Self { job: job.job, document: job.document, range: job.range }
    }
}

/// A place in a job's sequence of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor(pub u64);

/// Counts of a job's pages, and where its events go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Marked pages by state, for each document that has any; `cancelled` and `pending` are not known here.
    pub documents: BTreeMap<DocumentId, Ledger>,
    /// Events after this one are not in the counts.
    pub cursor: Cursor,
}

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressEvent {
    /// The document.
    pub document: DocumentId,
    /// Pages whose state is new; never one that was reported with this state before.
    pub pages: Vec<PageMark>,
}

/// What happened after a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Events {
    /// All of it, in order; at least one.
    Next {
        /// What happened.
        events: Vec<ProgressEvent>,
        /// Where to go on.
        cursor: Cursor,
    },
    /// Some of it is no longer kept: take a snapshot and go on from there.
    Lapsed,
}

/// Pages decided, per job, as sets: marking twice is marking once.
#[async_trait]
pub trait ProgressStore: fmt::Debug + Send + Sync + 'static {
    /// Marks pages. Idempotent; `failed` gives way to `done` and `blank`, which never change.
    async fn mark(&self, marks: &PageMarks) -> Result<(), ProgressError>;

    /// Forgets which pages of a document are marked for a job: all of them can be marked anew.
    async fn forget(&self, job: JobId, document: DocumentId) -> Result<(), ProgressError>;

    /// Counts of a job; empty when nothing is known of it.
    async fn snapshot(&self, job: JobId) -> Result<Snapshot, ProgressError>;

    /// Waits for something to happen to `job` after `cursor`. Cancel safe: nothing is consumed.
    async fn events(&self, job: JobId, cursor: Cursor) -> Result<Events, ProgressError>;

    /// Notes that a worker begins on a range.
    async fn begin(&self, work: &Undertaking) -> Result<(), ProgressError>;

    /// How often workers began on a range since it last ended: those that are at it, and those that died on it.
    async fn begun(&self, work: &Undertaking) -> Result<u32, ProgressError>;

    /// Notes that a worker came to an end with a range, whatever the end.
    async fn end(&self, work: &Undertaking) -> Result<(), ProgressError>;
}
