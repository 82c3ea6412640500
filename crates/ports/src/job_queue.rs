//! A durable queue of page ranges with at-least-once delivery.

use std::fmt;

use async_trait::async_trait;
use quire_proto::RangeJob;

use crate::Source;

/// What the queue does with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disposition {
    /// Done: remove it.
    Acknowledge,
    /// Return it unjudged; the attempt does not count.
    Release,
    /// Return it with its attempt raised by one; parked when the attempts are used up.
    Retry,
    /// Put it aside for a person to look at.
    Park,
}

/// How much a queue lends, and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLimits {
    /// Most unsettled deliveries at one handle. Raise it when workers wait for work; what they hold, others cannot do.
    pub prefetch: usize,
    /// Attempts before a retried job is parked.
    pub max_attempts: u32,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { prefetch: 4, max_attempts: 3 }
    }
}

/// Whether a settlement reached the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The queue acted on it.
    Taken,
    /// The delivery was no longer ours (the session broke meanwhile): another worker has or had it.
    ///
    /// Harmless, because results are idempotent; to be counted.
    Stale,
}

/// Why the queue did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// Not now: the same call may succeed later. Back off and try again.
    #[error("job queue is not available")]
    Unavailable(#[source] Source),
    /// The queue will never take this message.
    #[error("job queue refused the message")]
    Refused(#[source] Source),
    /// The queue was closed by this process; nothing more will come.
    #[error("job queue is closed")]
    Closed,
}

/// How an adapter settles one delivery. Dropping it unsettled returns the job, as closing a channel does.
#[async_trait]
pub trait Settlement: fmt::Debug + Send + Sync {
    /// Settles the delivery; resolves once the queue has been told.
    ///
    /// [`Disposition::Retry`] publishes the raised attempt, confirmed, before the old message goes.
    async fn settle(self: Box<Self>, disposition: Disposition) -> Result<Settled, QueueError>;
}

/// A job on loan to this worker.
///
/// [`Delivery::settle`] consumes it, so it settles once. Dropping it unsettled returns the job unjudged.
#[derive(Debug)]
pub struct Delivery {
    /// The work itself.
    pub job: RangeJob,
    /// Whether the queue has lent this message before without hearing back: its last worker may have died on it.
    pub redelivered: bool,
    settlement: Box<dyn Settlement>,
}

impl Delivery {
    /// A delivery made by an adapter.
    pub fn new(job: RangeJob, redelivered: bool, settlement: Box<dyn Settlement>) -> Self {
        Self { job, redelivered, settlement }
    }

    /// Says what became of the job.
    pub async fn settle(self, disposition: Disposition) -> Result<Settled, QueueError> {
        self.settlement.settle(disposition).await
    }
}

/// A durable queue of page ranges.
#[async_trait]
pub trait JobQueue: fmt::Debug + Send + Sync + 'static {
    /// Publishes a job; resolves once the queue has taken responsibility for it.
    ///
    /// On an error the job may be in the queue nevertheless.
    async fn publish(&self, job: RangeJob) -> Result<(), QueueError>;

    /// Waits for a job, high priority first, lending at most `prefetch` unsettled ones to this handle.
    ///
    /// Cancel safe: a job that was not returned was not lent.
    async fn receive(&self) -> Result<Delivery, QueueError>;

    /// How many jobs wait to be lent, high and low. Messages move while it counts: a hint.
    async fn waiting(&self) -> Result<usize, QueueError>;

    /// Up to `limit` parked jobs, which stay parked.
    async fn parked(&self, limit: usize) -> Result<Vec<RangeJob>, QueueError>;

    /// Removes those of `jobs` that are parked; others stay.
    async fn forget_parked(&self, jobs: &[RangeJob]) -> Result<(), QueueError>;
}
