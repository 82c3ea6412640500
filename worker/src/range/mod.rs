//! One page range: its pages read at once, its result written once.
//!
//! ```text
//!  cancelled? ─▶ there already? ─▶ pages ─▶ figures, range file ─▶ marks ─▶ settle
//!                                    └─ halted, when the job is cancelled or nothing happens
//! ```
//!
//! The result is in the store before the progress is marked and the delivery is
//! settled, so a worker may die anywhere and the range is done again, or found done.

mod error;
mod failed;
mod halt;

use std::sync::Arc;

use futures_util::future::join_all;
use quire_ports::{
    PageMark, PageMarks, Ports,
    range_file::{self, RangeId},
};
use quire_proto::{PageNumber, PageRange, PageSet, Profile, RangeJob, record::PageRecord};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    documents::Documents,
    page::{PageStop, PageTask, ReadPage, ReadPages},
    service::ServiceLimits,
};

use self::halt::{Halt, Watch};
pub use error::RangeError;

/// Works through ranges. Clones share everything.
#[derive(Clone)]
pub struct RangeWorker {
    ports: Ports,
    documents: Arc<Documents>,
    reader: Arc<dyn ReadPages>,
    /// What its records are made by; the options are those of each job.
    profile: Arc<Profile>,
    limits: ServiceLimits,
}

/// Pages that were judged, in order, and why the others were not.
struct Outcome {
    read: Vec<ReadPage>,
    unread: PageSet,
    stop: Option<PageStop>,
}

impl RangeWorker {
    /// A worker over `ports` that reads pages with `reader`, which makes records of `profile`.
    pub fn new(
        ports: Ports,
        documents: Documents,
        reader: Arc<dyn ReadPages>,
        profile: Profile,
        limits: ServiceLimits,
    ) -> Self {
        Self { ports, documents: Arc::new(documents), reader, profile: Arc::new(profile), limits }
    }

    /// The ports it works over.
    pub(crate) fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Does `job` and leaves its result in the store.
    pub async fn work(&self, job: &RangeJob, shutdown: &CancellationToken) -> Result<(), RangeError> {
        let store = &self.ports.store;
        let (cancel, result) = (job.cancel_key(), job.result_key());
        let (cancelled, done) = tokio::try_join!(store.head(&cancel), store.head(&result))?;
        if cancelled.is_some() || done.is_some() {
            return Ok(());
        }
        self.check_profile(job)?;
        let document = self.documents.open(job).await?;
        let watch = Watch::default();
        let pages = job.range.pages().map(|page| {
            let task = PageTask {
                document: job.document,
                profile: job.profile,
                options: job.options.clone(),
                page,
                source: document.source.clone(),
            };
            watch.page(page, async move { self.read(&task, shutdown).await })
        });
        let stall = self.limits.stall;
        let (pages, halt) = watch.over(join_all(pages), store.as_ref(), &cancel, stall).await;
        let Outcome { read, unread, stop } = sort(pages);
        self.keep(job, &read).await?;
        match (stop, halt) {
            (None, _) | (Some(PageStop::Interrupted), Some(Halt::Cancelled)) => Ok(()),
            (Some(PageStop::Interrupted), Some(Halt::Stalled)) => Err(RangeError::Stalled { unread, stall }),
            (Some(PageStop::Interrupted), None) => {
                Err(RangeError::Interrupted { unread: unread.ranges().to_vec() })
            }
            (Some(stop), _) => Err(RangeError::Broken(stop)),
        }
    }

    fn check_profile(&self, job: &RangeJob) -> Result<(), RangeError> {
        let ours = Profile { options: job.options.clone(), ..Profile::clone(&self.profile) }.id();
        if ours == job.profile {
            return Ok(());
        }
        Err(RangeError::OtherProfile { wanted: job.profile, ours })
    }

    /// Reads a page, unless a stopping worker has no time left for it.
    async fn read(&self, task: &PageTask, shutdown: &CancellationToken) -> Result<ReadPage, PageStop> {
        let out_of_time = async {
            shutdown.cancelled().await;
            sleep(self.limits.patience()).await;
        };
        tokio::select! {
            biased;
            read = self.reader.read(task, shutdown) => read,
            () = out_of_time => Err(PageStop::Interrupted),
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

fn sort(outcomes: Vec<(PageNumber, Result<ReadPage, PageStop>)>) -> Outcome {
    let (mut read, mut unread, mut stops) = (Vec::new(), Vec::new(), Vec::new());
    for (page, outcome) in outcomes {
        match outcome {
            Ok(page) => read.push(page),
            Err(stop) => {
                unread.push(page);
                stops.push(stop);
            }
        }
    }
    Outcome { read, unread: unread.into_iter().collect(), stop: stops.into_iter().reduce(worse) }
}

/// A broken renderer says more than an interruption.
fn worse(a: PageStop, b: PageStop) -> PageStop {
    if matches!(a, PageStop::Interrupted) { b } else { a }
}
