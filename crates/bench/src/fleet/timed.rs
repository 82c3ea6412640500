//! Ports that take the time of every call, between a worker and its services.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::Bytes;
use quire_ports::{
    Cursor, Delivery, Disposition, Events, JobQueue, Listing, LocalFile, ObjectMeta, ObjectStore, PageMarks,
    Ports, ProgressError, ProgressStore, Put, QueueError, Settled, Settlement, Snapshot, StoreError,
    StoredFile, Undertaking, object_store::NameByDigest,
};
use quire_proto::{DocumentId, JobId, ObjectKey, RangeJob};
use serde::{Deserialize, Serialize};

/// From the arrival of a range to its settlement.
pub const SLOT: &str = "slot";
/// From a settlement to the next range.
pub const RECEIVE: &str = "receive";

/// What was timed of one kind of call.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Timing {
    /// How often.
    pub calls: u64,
    /// Seconds on average.
    pub mean: f64,
    /// Seconds that all but one of a hundred calls took at most.
    pub p99: f64,
}

/// Collects times. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Stopwatch(Arc<Mutex<BTreeMap<&'static str, Vec<f32>>>>);

impl Stopwatch {
    /// Adds a time.
    pub fn note(&self, what: &'static str, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(what).or_default().push(took.as_secs_f32());
    }

    async fn time<T>(&self, what: &'static str, call: impl Future<Output = T>) -> T {
        let began = Instant::now();
        let outcome = call.await;
        self.note(what, began.elapsed());
        outcome
    }

    /// What was timed so far, without the first `warm_up` of each kind.
    pub fn timings(&self, warm_up: usize) -> BTreeMap<String, Timing> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .map(|(what, times)| ((*what).to_owned(), timing(times.get(warm_up..).unwrap_or_default())))
            .collect()
    }
}

fn timing(times: &[f32]) -> Timing {
    let mut sorted = times.to_vec();
    sorted.sort_by(f32::total_cmp);
    let calls = sorted.len() as u64;
    let mean = sorted.iter().map(|time| f64::from(*time)).sum::<f64>() / sorted.len().max(1) as f64;
    let p99 = sorted.get(sorted.len() * 99 / 100).map_or(0.0, |time| f64::from(*time));
    Timing { calls, mean, p99 }
}

/// The same ports, timed.
pub fn timed(ports: Ports, watch: &Stopwatch) -> Ports {
    Ports {
        queue: Arc::new(TimedQueue { inner: ports.queue, watch: watch.clone() }),
        store: Arc::new(TimedStore { inner: ports.store, watch: watch.clone() }),
        progress: Arc::new(TimedProgress { inner: ports.progress, watch: watch.clone() }),
    }
}

#[derive(Debug)]
struct TimedQueue {
    inner: Arc<dyn JobQueue>,
    watch: Stopwatch,
}

#[derive(Debug)]
struct TimedSettlement {
    delivery: Delivery,
    arrived: Instant,
    watch: Stopwatch,
}

#[async_trait]
impl JobQueue for TimedQueue {
    async fn publish(&self, job: RangeJob) -> Result<(), QueueError> {
        self.inner.publish(job).await
    }

    async fn receive(&self) -> Result<Delivery, QueueError> {
        let delivery = self.watch.time(RECEIVE, self.inner.receive()).await?;
        let (job, redelivered) = (delivery.job.clone(), delivery.redelivered);
        let settlement = TimedSettlement { delivery, arrived: Instant::now(), watch: self.watch.clone() };
        Ok(Delivery::new(job, redelivered, Box::new(settlement)))
    }

    async fn waiting(&self) -> Result<usize, QueueError> {
        self.inner.waiting().await
    }

    async fn forget_parked(&self, jobs: &[RangeJob]) -> Result<(), QueueError> {
        self.inner.forget_parked(jobs).await
    }

    async fn parked(&self, limit: usize) -> Result<Vec<RangeJob>, QueueError> {
        self.inner.parked(limit).await
    }
}

#[async_trait]
impl Settlement for TimedSettlement {
    async fn settle(self: Box<Self>, disposition: Disposition) -> Result<Settled, QueueError> {
        let Self { delivery, arrived, watch } = *self;
        let settled = watch.time("settle", delivery.settle(disposition)).await;
        watch.note(SLOT, arrived.elapsed());
        settled
    }
}

#[derive(Debug)]
struct TimedStore {
    inner: Arc<dyn ObjectStore>,
    watch: Stopwatch,
}

#[async_trait]
impl ObjectStore for TimedStore {
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, StoreError> {
        self.watch.time("get", self.inner.get(key)).await
    }

    async fn fetch(&self, key: &ObjectKey, scratch: &Path) -> Result<LocalFile, StoreError> {
        self.watch.time("fetch", self.inner.fetch(key, scratch)).await
    }

    async fn put(&self, key: &ObjectKey, body: Bytes) -> Result<(), StoreError> {
        self.watch.time("put", self.inner.put(key, body)).await
    }

    async fn put_if_absent(&self, key: &ObjectKey, body: Bytes) -> Result<Put, StoreError> {
        self.watch.time("put", self.inner.put_if_absent(key, body)).await
    }

    async fn put_file(&self, file: &Path, name: NameByDigest<'_>) -> Result<StoredFile, StoreError> {
        self.inner.put_file(file, name).await
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError> {
        self.watch.time("head", self.inner.head(key)).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Listing, StoreError> {
        self.inner.list(prefix, after, limit).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StoreError> {
        self.inner.delete(key).await
    }
}

#[derive(Debug)]
struct TimedProgress {
    inner: Arc<dyn ProgressStore>,
    watch: Stopwatch,
}

#[async_trait]
impl ProgressStore for TimedProgress {
    async fn mark(&self, marks: &PageMarks) -> Result<(), ProgressError> {
        self.watch.time("mark", self.inner.mark(marks)).await
    }

    async fn forget(&self, job: JobId, document: DocumentId) -> Result<(), ProgressError> {
        self.inner.forget(job, document).await
    }

    async fn snapshot(&self, job: JobId) -> Result<Snapshot, ProgressError> {
        self.inner.snapshot(job).await
    }

    async fn events(&self, job: JobId, cursor: Cursor) -> Result<Events, ProgressError> {
        self.inner.events(job, cursor).await
    }

    async fn begin(&self, work: &Undertaking) -> Result<(), ProgressError> {
        self.watch.time("begin", self.inner.begin(work)).await
    }

    async fn begun(&self, work: &Undertaking) -> Result<u32, ProgressError> {
        self.watch.time("begun", self.inner.begun(work)).await
    }

    async fn end(&self, work: &Undertaking) -> Result<(), ProgressError> {
        self.watch.time("end", self.inner.end(work)).await
    }
}
