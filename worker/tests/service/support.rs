//! A fleet of one queue, one store and any number of workers, whose reader makes records up.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use quire_adapters::{InMemoryJobQueue, InMemoryObjectStore, InMemoryProgressStore};
use quire_ports::{Delivery, JobQueue, ObjectStore, Ports, QueueError, QueueLimits, range_file::RangeFile};
use quire_proto::{
    DocumentId, JobId, PageNumber, PageRange, Priority, Profile, RangeJob, Tenant,
    job::RANGE_JOB_SCHEMA,
    profile::ProcessingOptions,
    record::{ModeReason, PageMode, PageRecord, PageStatus},
};
use quire_worker::{
    Documents, Place, ReadPages, ServiceLimits, Worker,
    page::{PageStop, PageTask, ReadPage},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Ranges that a worker holds at once.
pub(crate) const PREFETCH: usize = 2;

pub(crate) const GRACE: Duration = Duration::from_secs(10);

pub(crate) const STALL: Duration = Duration::from_secs(300);

/// What happens to whoever reads a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It takes this long.
    Takes(Duration),
    /// Its worker dies.
    Kills,
}

/// Reads pages as the test says, and tells what it reads.
pub(crate) struct Reader {
    fate: Box<dyn Fn(PageNumber) -> Fate + Send + Sync>,
    /// Cancelled when a page has killed its worker.
    death: CancellationToken,
    reads: Arc<Mutex<HashMap<PageNumber, u32>>>,
}

#[async_trait]
impl ReadPages for Reader {
    async fn read(&self, task: &PageTask, shutdown: &CancellationToken) -> Result<ReadPage, PageStop> {
        if shutdown.is_cancelled() {
            return Err(PageStop::Interrupted);
        }
        *self.reads.lock().expect("no test panics with it").entry(task.page).or_default() += 1;
        match (self.fate)(task.page) {
            Fate::Takes(time) => tokio::time::sleep(time).await,
            Fate::Kills => {
                self.death.cancel();
                std::future::pending::<()>().await;
            }
        }
        Ok(ReadPage { record: record(task), figures: Vec::new() })
    }
}

fn record(task: &PageTask) -> PageRecord {
    PageRecord {
        mode: PageMode::Text,
        mode_reason: ModeReason::CleanTextLayer,
        ..PageRecord::empty(task.document, task.page, PageStatus::Done)
    }
}

/// Tells of what it has taken when this much time has passed, as a broker does.
#[derive(Debug)]
struct SlowConfirms {
    inner: InMemoryJobQueue,
    after: Duration,
}

#[async_trait]
impl JobQueue for SlowConfirms {
    async fn publish(&self, job: RangeJob) -> Result<(), QueueError> {
        self.inner.publish(job).await?;
        tokio::time::sleep(self.after).await;
        Ok(())
    }

    async fn receive(&self) -> Result<Delivery, QueueError> {
        self.inner.receive().await
    }

    async fn waiting(&self) -> Result<usize, QueueError> {
        self.inner.waiting().await
    }

    async fn parked(&self, limit: usize) -> Result<Vec<RangeJob>, QueueError> {
        self.inner.parked(limit).await
    }

    async fn forget_parked(&self, jobs: &[RangeJob]) -> Result<(), QueueError> {
        self.inner.forget_parked(jobs).await
    }
}

pub(crate) struct Fleet {
    pub(crate) queue: InMemoryJobQueue,
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) progress: Arc<InMemoryProgressStore>,
    /// How often each page was begun.
    pub(crate) reads: Arc<Mutex<HashMap<PageNumber, u32>>>,
    pub(crate) folder: tempfile::TempDir,
    /// How long the queue takes to confirm what workers publish.
    pub(crate) confirms_after: Duration,
}

/// A worker that runs.
pub(crate) struct Running {
    pub(crate) shutdown: CancellationToken,
    /// Resolves when it has ended; to `None` when a page killed it.
    pub(crate) end: JoinHandle<Option<Result<(), quire_worker::WorkerError>>>,
}

impl Fleet {
    pub(crate) async fn new() -> anyhow::Result<Self> {
        Self::over(Arc::new(InMemoryObjectStore::new())).await
    }

    pub(crate) async fn over(store: Arc<dyn ObjectStore>) -> anyhow::Result<Self> {
        let queue = InMemoryJobQueue::new(QueueLimits { prefetch: PREFETCH, max_attempts: 3 });
        let folder = tempfile::tempdir()?;
        Ok(Self {
            queue,
            store,
            progress: Arc::default(),
            reads: Arc::default(),
            folder,
            confirms_after: Duration::ZERO,
        })
    }

    /// Publishes a range of the one document there is.
    pub(crate) async fn publish(&self, range: &str) -> anyhow::Result<RangeJob> {
        let job = job(range.parse()?);
        self.store.put(&job.source_key(), Bytes::from_static(b"document")).await?;
        self.queue.publish(job.clone()).await?;
        Ok(job)
    }

    pub(crate) fn worker(&self, fate: impl Fn(PageNumber) -> Fate + Send + Sync + 'static) -> Running {
        let death = CancellationToken::new();
        let reader = Reader { fate: Box::new(fate), death: death.clone(), reads: self.reads.clone() };
        let ports = Ports {
            queue: Arc::new(SlowConfirms { inner: self.queue.another(PREFETCH), after: self.confirms_after }),
            store: self.store.clone(),
            progress: self.progress.clone(),
        };
        let place = Place::Scratch(self.folder.path().to_owned());
        let documents = Documents::new(self.store.clone(), place, None);
        let ranges = NonZeroUsize::new(PREFETCH).expect("two is not zero");
        let limits = ServiceLimits { ranges, grace: GRACE, stall: STALL };
        let worker = Worker::new(ports, documents, Arc::new(reader), Profile::default(), limits);
        let shutdown = CancellationToken::new();
        let stop = shutdown.clone();
        let end = tokio::spawn(async move {
            tokio::select! {
                ended = worker.run(&stop) => Some(ended),
                // Everything it holds is dropped where it stands, as by kill -9.
                () = death.cancelled() => None,
            }
        });
        Running { shutdown, end }
    }

    /// Pages by state, each with the number of objects that hold it.
    pub(crate) async fn results(&self) -> anyhow::Result<HashMap<PageNumber, Vec<PageRecord>>> {
        let prefix = quire_proto::ObjectKey::results_prefix(
            &Tenant::local(),
            DocumentId::of(b"document"),
            Profile::default().id(),
        );
        let mut pages: HashMap<PageNumber, Vec<PageRecord>> = HashMap::new();
        for object in self.store.list(&prefix, None, 1000).await?.objects {
            let file = RangeFile::open(&self.store.get(&object.key).await?)?;
            for record in file.records()? {
                pages.entry(record.page).or_default().push(record);
            }
        }
        Ok(pages)
    }
}

pub(crate) fn job(range: PageRange) -> RangeJob {
    RangeJob {
        schema: RANGE_JOB_SCHEMA,
        tenant: Tenant::local(),
        job: JobId::of(b"job"),
        document: DocumentId::of(b"document"),
        profile: Profile::default().id(),
        options: ProcessingOptions::default(),
        range,
        epoch: 0,
        attempt: 1,
        priority: Priority::Low,
        trace: Default::default(),
    }
}
