//! A world in memory: documents that are one line of text, a counter that reads it, a worker that makes records up.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use quire_adapters::{InMemoryJobQueue, InMemoryObjectStore, InMemoryProgressStore};
use quire_coordinator::{
    Coordinator, CountError, Input, JobEvent, JobOutcome, JobTerms, PageCounter, Service, Settings,
    SubmitRequest,
};
use quire_ports::{
    Delivery, Disposition, ObjectStore, PageMark, PageMarks, Ports, QueueLimits,
    range_file::{RangeId, encode},
};
use quire_proto::{
    DocumentId, JobId, PageNumber, PageRange, PageSet, Profile, RangeJob, Tenant,
    manifest::{DocumentFailure, Manifest, ManifestDocument},
    record::{FailureClass, ModeReason, PageFailure, PageMode, PageRecord, PageStatus, Provenance},
};
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

/// Reads `pages N` out of a document; everything else cannot be opened.
#[derive(Debug)]
pub(crate) struct LineCounter;

#[async_trait]
impl PageCounter for LineCounter {
    async fn count(&self, _: DocumentId, source: &Path) -> Result<u32, CountError> {
        let text = std::fs::read_to_string(source).map_err(|error| CountError::Unavailable(error.into()))?;
        let count = text.split(' ').nth(1).and_then(|count| count.parse().ok());
        count.ok_or_else(|| {
            CountError::Document(DocumentFailure { class: "not_a_document".to_owned(), message: text })
        })
    }
}

/// What the fake worker does with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Everything, in order.
    Work,
    /// Dies before it writes.
    Die,
    /// Writes, then dies.
    DieAfterPut,
    /// Acknowledges and writes nothing: a lost message.
    Lose,
    /// Writes half an object.
    Corrupt,
    /// Writes the first page only, publishes the remainder, acknowledges.
    Drain,
    /// Writes and acknowledges, but progress never hears of it.
    Unmarked,
    /// Gives it up for this attempt.
    Retry,
    /// Publishes it once more, and works.
    Double,
}

pub(crate) struct World {
    pub(crate) ports: Ports,
    pub(crate) queue: Arc<InMemoryJobQueue>,
    /// Without faults, for the checks.
    pub(crate) truth: Arc<InMemoryObjectStore>,
    pub(crate) progress: Arc<InMemoryProgressStore>,
    /// Pages that workers made records of, repetitions included.
    pub(crate) worked: Arc<AtomicUsize>,
    folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let truth = Arc::new(InMemoryObjectStore::new());
        Self::over(truth.clone(), truth)
    }

    /// A world whose ports use `store`, which is `truth` or a decorator of it.
    pub(crate) fn over(truth: Arc<InMemoryObjectStore>, store: Arc<dyn ObjectStore>) -> anyhow::Result<Self> {
        let queue = Arc::new(InMemoryJobQueue::new(QueueLimits { prefetch: 2, max_attempts: 3 }));
        let progress = Arc::new(InMemoryProgressStore::new());
        let ports = Ports { queue: queue.clone(), store, progress: progress.clone() };
        Ok(Self { ports, queue, truth, progress, worked: Arc::default(), folder: tempfile::tempdir()? })
    }

    pub(crate) fn coordinator(&self) -> Coordinator {
        self.coordinator_with(self.settings())
    }

    fn coordinator_with(&self, settings: Settings) -> Coordinator {
        Coordinator::new(self.ports.clone(), Arc::new(LineCounter), settings)
    }

    fn settings(&self) -> Settings {
        Settings {
            window: 5,
            open_documents: 2,
            reconcile_every: Duration::from_secs(1),
            republish_after: Duration::from_secs(60),
            collected: true,
            ..Settings::embedded(self.folder.path())
        }
    }

    /// A service over the ports, which stops when the guard is dropped.
    pub(crate) fn serve(&self) -> Serving {
        let settings = Settings {
            window: Settings::new("").window,
            outlast_outages: true,
            collect_every: Some(Duration::from_secs(3600)),
            ..self.settings()
        };
        let service = Arc::new(Service::new(self.coordinator_with(settings)));
        let shutdown = CancellationToken::new();
        tokio::spawn({
            let (service, shutdown) = (service.clone(), shutdown.clone());
            async move { service.run(shutdown).await }
        });
        Serving { service, _stop: shutdown.drop_guard() }
    }

    /// Waits until somebody finishes the job.
    pub(crate) async fn finished(&self, job: JobId) -> anyhow::Result<Manifest> {
        let healthy = Ports { store: self.truth.clone(), ..self.ports.clone() };
        let coordinator = Coordinator::new(healthy, Arc::new(LineCounter), self.settings());
        let wait = async {
            loop {
                if let Some(manifest) = coordinator.manifest(&Tenant::local(), job).await? {
                    return anyhow::Ok(manifest);
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(36_000), wait).await?
    }

    pub(crate) fn request(&self, documents: &[&str]) -> anyhow::Result<SubmitRequest> {
        let mut inputs = Vec::new();
        for (index, text) in documents.iter().enumerate() {
            let path = self.folder.path().join(format!("input-{index}"));
            std::fs::write(&path, text)?;
            inputs.push(Input { path, name: format!("{index}.pdf") });
        }
        let range_size = std::num::NonZeroU32::MIN.saturating_add(7);
        let terms = JobTerms { range_size, ..JobTerms::new(Tenant::local(), Profile::default()) };
        Ok(SubmitRequest { inputs, terms })
    }

    pub(crate) async fn submit(&self, documents: &[&str]) -> anyhow::Result<JobId> {
        Ok(self.coordinator().submit(self.request(documents)?).await?.job)
    }

    /// Starts a worker that asks `act` what to do with each delivery.
    pub(crate) fn worker(&self, act: impl FnMut(&RangeJob) -> Act + Send + 'static) -> Worker {
        let worker = FakeWorker {
            ports: self.ports.clone(),
            queue: self.queue.another(2),
            worked: self.worked.clone(),
        };
        Worker(tokio::spawn(worker.run(act)))
    }

    /// Runs the job to its end, collecting events.
    pub(crate) async fn run(&self, job: JobId) -> anyhow::Result<(JobOutcome, Vec<JobEvent>)> {
        self.run_until(job, CancellationToken::new()).await
    }

    pub(crate) async fn run_until(
        &self,
        job: JobId,
        shutdown: CancellationToken,
    ) -> anyhow::Result<(JobOutcome, Vec<JobEvent>)> {
        let (sender, mut receiver) = mpsc::channel(16);
        let events = Arc::new(tokio::sync::Mutex::new(Vec::new()));
        let sink = events.clone();
        let listener = tokio::spawn(async move {
            while let Some(event) = receiver.recv().await {
                sink.lock().await.push(event);
            }
        });
        let run = self.coordinator();
        let tenant = Tenant::local();
        let outcome =
            tokio::time::timeout(Duration::from_secs(36_000), run.run(&tenant, job, sender, shutdown))
                .await??;
        listener.await?;
        let events = std::mem::take(&mut *events.lock().await);
        Ok((outcome, events))
    }

    pub(crate) async fn finish(&self, job: JobId) -> anyhow::Result<Manifest> {
        match self.run(job).await?.0 {
            JobOutcome::Finished(manifest) => Ok(manifest),
            JobOutcome::Interrupted(ledger) => anyhow::bail!("interrupted at {ledger:?}"),
        }
    }

    /// The pages of a document as its readers see them, each checked against the oracle.
    pub(crate) async fn read(&self, document: &ManifestDocument) -> anyhow::Result<Vec<u32>> {
        let mut reader = quire_coordinator::PageReader::new(self.truth.clone(), document);
        let mut pages = Vec::new();
        while let Some(record) = reader.next().await? {
            let expected = record_of(document.document, record.page, &Profile::default());
            let exhausted =
                record.failure.as_ref().is_some_and(|f| f.class == FailureClass::AttemptsExhausted);
            assert!(exhausted || record == expected, "page {} of {document:?}", record.page);
            pages.push(record.page.get());
        }
        Ok(pages)
    }

    pub(crate) fn worked(&self) -> usize {
        self.worked.load(Ordering::SeqCst)
    }
}

/// A service that runs until this is dropped.
pub(crate) struct Serving {
    pub(crate) service: Arc<Service>,
    _stop: DropGuard,
}

/// Stops on drop, as a killed process does.
pub(crate) struct Worker(tokio::task::JoinHandle<()>);

impl Drop for Worker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

struct FakeWorker {
    ports: Ports,
    queue: InMemoryJobQueue,
    worked: Arc<AtomicUsize>,
}

impl FakeWorker {
    async fn run(self, mut act: impl FnMut(&RangeJob) -> Act) {
        use quire_ports::JobQueue;
        while let Ok(delivery) = self.queue.receive().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let act = act(&delivery.job);
            // An error of the store drops the delivery, which returns the job.
            drop(self.deliver(delivery, act).await);
        }
    }

    async fn deliver(&self, delivery: Delivery, act: Act) -> anyhow::Result<()> {
        let job = delivery.job.clone();
        match act {
            Act::Die => return Ok(()),
            Act::Lose => {}
            Act::Retry => {
                delivery.settle(Disposition::Retry).await?;
                return Ok(());
            }
            Act::Corrupt => self.put(&job, job.range, true).await?,
            Act::Drain => self.drain(&job).await?,
            Act::Unmarked => self.put(&job, job.range, false).await?,
            Act::DieAfterPut => {
                self.put(&job, job.range, false).await?;
                return Ok(());
            }
            Act::Work | Act::Double => {
                if act == Act::Double {
                    self.ports.queue.publish(job.clone()).await?;
                }
                self.put(&job, job.range, false).await?;
                self.mark(&job, job.range).await?;
            }
        }
        delivery.settle(Disposition::Acknowledge).await?;
        Ok(())
    }

    async fn drain(&self, job: &RangeJob) -> anyhow::Result<()> {
        let first = PageRange::single(job.range.first());
        self.put(job, first, false).await?;
        self.mark(job, first).await?;
        if let Some(next) = PageNumber::new(job.range.first().get() + 1)
            && let Ok(rest) = PageRange::new(next, job.range.last())
        {
            self.ports.queue.publish(job.for_range(rest)).await?;
        }
        Ok(())
    }

    async fn put(&self, job: &RangeJob, range: PageRange, cut: bool) -> anyhow::Result<()> {
        let key = job.partial_result_key(range);
        if self.ports.store.head(&key).await?.is_some() {
            return Ok(());
        }
        let records: Vec<PageRecord> =
            range.pages().map(|page| record_of(job.document, page, &Profile::default())).collect();
        self.worked.fetch_add(records.len(), Ordering::SeqCst);
        let id = RangeId { document: job.document, profile: job.profile, range, epoch: job.epoch };
        let body = encode(&id, &records)?;
        let body: Bytes = if cut { body.slice(..body.len() / 2) } else { body };
        self.ports.store.put_if_absent(&key, body).await?;
        Ok(())
    }

    async fn mark(&self, job: &RangeJob, range: PageRange) -> anyhow::Result<()> {
        let pages = range.pages().map(|page| PageMark { page, status: status_of(page) }).collect();
        self.ports.progress.mark(&PageMarks { job: job.job, document: job.document, pages }).await?;
        Ok(())
    }
}

/// Every eleventh page fails, every seventh is blank.
pub(crate) fn status_of(page: PageNumber) -> PageStatus {
    match page.get() {
        number if number % 11 == 0 => PageStatus::Failed,
        number if number % 7 == 0 => PageStatus::Blank,
        _ => PageStatus::Done,
    }
}

/// The oracle: what the record of a page must be, whoever makes it.
pub(crate) fn record_of(document: DocumentId, page: PageNumber, profile: &Profile) -> PageRecord {
    let status = status_of(page);
    let failure = (status == PageStatus::Failed).then(|| PageFailure {
        class: FailureClass::Undecodable,
        message: format!("page {page}"),
        attempts: 2,
        milliseconds: 1,
    });
    PageRecord {
        failure,
        mode: PageMode::Text,
        mode_reason: ModeReason::CleanTextLayer,
        provenance: Provenance { profile: Some(profile.id()), ..Provenance::default() },
        ..PageRecord::empty(document, page, status)
    }
}

/// The numbers from one to `last`.
pub(crate) fn pages_to(last: u32) -> Vec<u32> {
    PageSet::first(last).pages().map(PageNumber::get).collect()
}
