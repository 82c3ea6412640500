//! One page range: its pages read at once, its result written once.
//!
//! ```text
//!  cancelled? ─▶ there already? ─▶ pages ─▶ figures, range file ─▶ marks ─▶ settle
//! ```
//!
//! The result is in the store before the progress is marked and the delivery is
//! settled, so a worker may die anywhere and the range is done again, or found done.

use std::sync::Arc;

use futures_util::future::join_all;
use quire_ports::{
    Disposition, PageMark, PageMarks, Ports, StoreError,
    range_file::{self, EncodeError, RangeId},
};
use quire_proto::{PageRange, RangeJob, record::PageRecord};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    documents::Documents,
    page::{PageReader, PageStop, PageTask, ReadPage},
};

/// Why a range was not finished.
#[derive(Debug, thiserror::Error)]
pub enum RangeError {
    /// The worker is stopping; what was finished is in the store.
    #[error("stopped with {unread} pages unread")]
    Interrupted {
        /// Pages that another worker must read.
        unread: usize,
    },
    /// The renderer or the engine does not work here; no page was judged.
    #[error("cannot read pages here")]
    Broken(#[source] PageStop),
    /// The store did not give the document or take the result.
    #[error("move range")]
    Store(#[from] StoreError),
    /// The records do not make a range file: a bug.
    #[error("write range")]
    Encode(#[from] EncodeError),
}

impl RangeError {
    /// What the queue does with the delivery. Exhaustive on purpose.
    pub fn disposition(&self) -> Disposition {
        match self {
            Self::Interrupted { .. } | Self::Broken(_) | Self::Store(StoreError::Unavailable(_)) => {
                Disposition::Release
            }
            Self::Store(
                StoreError::Refused { .. } | StoreError::Input { .. } | StoreError::InputChanged { .. },
            ) => Disposition::Retry,
            Self::Store(StoreError::Missing(_) | StoreError::Corrupt { .. }) | Self::Encode(_) => {
                Disposition::Park
            }
        }
    }
}

/// Works through ranges. Clones share everything.
#[derive(Clone)]
pub struct RangeWorker {
    ports: Ports,
    documents: Arc<Documents>,
    reader: PageReader,
}

impl RangeWorker {
    /// A worker over `ports` that reads pages with `reader`.
    pub fn new(ports: Ports, documents: Documents, reader: PageReader) -> Self {
        Self { ports, documents: Arc::new(documents), reader }
    }

    /// Does `job` and leaves its result in the store.
    pub async fn work(&self, job: &RangeJob, shutdown: &CancellationToken) -> Result<(), RangeError> {
        let store = &self.ports.store;
        if store.head(&job.cancel_key()).await?.is_some() || store.head(&job.result_key()).await?.is_some() {
            return Ok(());
        }
        let document = self.documents.open(job).await?;
        let pages = job.range.pages().map(|page| {
            let task = PageTask {
                document: job.document,
                profile: job.profile,
                options: job.options.clone(),
                page,
                source: document.source.clone(),
            };
            async move { self.reader.read(&task, shutdown).await }
        });
        let (read, stops) = sort(join_all(pages).await);
        self.keep(job, &read).await?;
        match stops.into_iter().reduce(worse) {
            None => Ok(()),
            Some(PageStop::Interrupted) => {
                Err(RangeError::Interrupted { unread: job.range.count() as usize - read.len() })
            }
            Some(stop) => Err(RangeError::Broken(stop)),
        }
    }

    /// Stores what was read: the whole range, or the parts of it that a stopping worker finished.
    async fn keep(&self, job: &RangeJob, read: &[ReadPage]) -> Result<(), RangeError> {
        for figure in read.iter().flat_map(|page| &page.figures) {
            self.ports.store.put(&job.asset_key(&figure.name), figure.png.clone()).await?;
        }
        let records: Vec<PageRecord> = read.iter().map(|page| page.record.clone()).collect();
        for (range, records) in range_file::runs(&records) {
            self.keep_run(job, range, records).await?;
        }
        Ok(())
    }

    async fn keep_run(
        &self,
        job: &RangeJob,
        range: PageRange,
        records: &[PageRecord],
    ) -> Result<(), RangeError> {
        let id = RangeId { document: job.document, profile: job.profile, range, epoch: job.epoch };
        let file = range_file::encode(&id, records)?;
        // Whoever was first has written the same pages.
        let _put = self.ports.store.put_if_absent(&job.partial_result_key(range), file).await?;
        let pages =
            records.iter().map(|record| PageMark { page: record.page, status: record.status }).collect();
        let marks = PageMarks { job: job.job, document: job.document, pages };
        if let Err(error) = self.ports.progress.mark(&marks).await {
            warn!(%error, "progress is not marked; the coordinator will find the pages in the store");
        }
        Ok(())
    }
}

/// Pages that were judged, in order, and why the others were not.
fn sort(outcomes: Vec<Result<ReadPage, PageStop>>) -> (Vec<ReadPage>, Vec<PageStop>) {
    let (mut read, mut stops) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Ok(page) => read.push(page),
            Err(stop) => stops.push(stop),
        }
    }
    (read, stops)
}

/// A broken renderer says more than an interruption.
fn worse(a: PageStop, b: PageStop) -> PageStop {
    if matches!(a, PageStop::Interrupted) { b } else { a }
}
