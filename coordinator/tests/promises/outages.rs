//! What the service promises while the broker, the store or progress is away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use quire_adapters::{
    InMemoryJobQueue, InMemoryObjectStore,
    decorators::{Faults, FaultyStore},
};
use quire_ports::{
    Cursor, Delivery, Events, JobQueue, PageMarks, ProgressError, ProgressStore, QueueError, Snapshot,
    Undertaking,
};
use quire_proto::{DocumentId, JobId, RangeJob, Tenant};

use crate::support::{Act, World, pages_to};

/// A queue that is away for a while.
#[derive(Debug)]
struct Broker {
    inner: Arc<InMemoryJobQueue>,
    away: AtomicBool,
    refused: AtomicU32,
}

#[async_trait]
impl JobQueue for Broker {
    async fn publish(&self, job: RangeJob) -> Result<(), QueueError> {
        if self.away.load(Ordering::SeqCst) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return Err(QueueError::Unavailable("the broker restarts".into()));
        }
        self.inner.publish(job).await
    }

    async fn receive(&self) -> Result<Delivery, QueueError> {
        self.inner.receive().await
    }

    async fn waiting(&self) -> Result<usize, QueueError> {
        self.inner.waiting().await
    }

    async fn parked(&self, limit: usize) -> Result<Vec<RangeJob>, QueueError> {
        if self.away.load(Ordering::SeqCst) {
            return Err(QueueError::Unavailable("the broker restarts".into()));
        }
        self.inner.parked(limit).await
    }

    async fn forget_parked(&self, jobs: &[RangeJob]) -> Result<(), QueueError> {
        self.inner.forget_parked(jobs).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_restarts_ends_no_job() -> anyhow::Result<()> {
    let mut world = World::new()?;
    let (away, refused) = (AtomicBool::new(true), AtomicU32::new(0));
    let broker = Arc::new(Broker { inner: world.queue.clone(), away, refused });
    world.ports.queue = broker.clone();
    let _worker = world.worker(|_| Act::Work);
    let _serving = world.serve();
    let job = world.submit(&["pages 400 a"]).await?;
    tokio::time::sleep(Duration::from_secs(60)).await;
    let attempts = broker.refused.load(Ordering::SeqCst);
    // 16 ranges at once at first; then one alone looks whether the broker is back, with growing pauses.
    assert!((16 + 5..=16 + 20).contains(&attempts), "{attempts} attempts to publish 50 ranges in a minute");

    broker.away.store(false, Ordering::SeqCst);
    let manifest = world.finished(job).await?;

    assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(400));
    assert_eq!(world.worked(), 400, "no page is done twice");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_store_that_often_fails_ends_no_job() -> anyhow::Result<()> {
    let truth = Arc::new(InMemoryObjectStore::new());
    let faults = Faults { refused: 0.2, reply_lost: 0.1, truncated: 0.02 };
    for seed in 0..20 {
        let faulty = Arc::new(FaultyStore::new(truth.clone(), faults, seed));
        let healthy = World::over(truth.clone(), truth.clone())?;
        let world = World::over(truth.clone(), faulty)?;
        let job = healthy.submit(&[&format!("pages 50 {seed}"), &format!("pages 9 {seed}")]).await?;
        let _worker = world.worker(|_| Act::Work);
        let _serving = world.serve();

        let manifest = world.finished(job).await?;

        assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(50), "seed {seed}");
        assert_eq!(world.read(&manifest.documents[1]).await?, pages_to(9), "seed {seed}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn progress_that_was_emptied_is_right_again() -> anyhow::Result<()> {
    let world = World::new()?;
    let _serving = world.serve();
    let job = world.submit(&["pages 80 a", "pages 16 b"]).await?;
    let mut ranges = 0;
    let worker = world.worker(move |_| {
        ranges += 1;
        if ranges <= 6 { Act::Work } else { Act::Die }
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = world.ports.progress.snapshot(job).await?.documents;
    assert!(!before.is_empty());

    world.progress.flush();
    tokio::time::sleep(Duration::from_secs(2)).await;

    assert_eq!(world.ports.progress.snapshot(job).await?.documents, before);
    drop(worker);
    let _worker = world.worker(|_| Act::Work);
    let manifest = world.finished(job).await?;
    let after = world.ports.progress.snapshot(job).await?.documents;
    for document in &manifest.documents {
        assert_eq!(after[&document.document], document.ledger);
    }
    Ok(())
}

/// Progress that is not to be had.
#[derive(Debug)]
struct NoProgress;

fn gone() -> ProgressError {
    ProgressError::Unavailable("nobody there".into())
}

#[async_trait]
impl ProgressStore for NoProgress {
    async fn mark(&self, _: &PageMarks) -> Result<(), ProgressError> {
        Err(gone())
    }

    async fn forget(&self, _: JobId, _: DocumentId) -> Result<(), ProgressError> {
        Err(gone())
    }

    async fn snapshot(&self, _: JobId) -> Result<Snapshot, ProgressError> {
        Err(gone())
    }

    async fn events(&self, _: JobId, _: Cursor) -> Result<Events, ProgressError> {
        Err(gone())
    }

    async fn begin(&self, _: &Undertaking) -> Result<(), ProgressError> {
        Err(gone())
    }

    async fn begun(&self, _: &Undertaking) -> Result<u32, ProgressError> {
        Err(gone())
    }

    async fn end(&self, _: &Undertaking) -> Result<(), ProgressError> {
        Err(gone())
    }
}

#[tokio::test(start_paused = true)]
async fn without_progress_the_store_alone_leads_to_the_end() -> anyhow::Result<()> {
    let mut world = World::new()?;
    world.ports.progress = Arc::new(NoProgress);
    let serving = world.serve();
    let job = world.submit(&["pages 80 a"]).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let coordinator = serving.service.coordinator();
    assert!(coordinator.status(&Tenant::local(), job).await?.stale);
    let _worker = world.worker(|_| Act::Unmarked);

    let manifest = world.finished(job).await?;

    assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(80));
    assert!(!coordinator.status(&Tenant::local(), job).await?.stale);
    Ok(())
}
