//! Parked ranges, listed once for all jobs: a listing borrows every parked message from the broker.

use std::{sync::Arc, time::Duration};

use quire_ports::{JobQueue, QueueError};
use quire_proto::RangeJob;
use tokio::{sync::Mutex, time::Instant};

/// Parked jobs looked at in one go.
const PARKED_AT_ONCE: usize = 1000;

/// The last listing.
#[derive(Debug)]
pub(crate) struct Parked {
    fresh_for: Duration,
    last: Mutex<Option<(Instant, Arc<Vec<RangeJob>>)>>,
}

impl Parked {
    /// Lists again after `fresh_for`.
    pub(crate) fn new(fresh_for: Duration) -> Self {
        Self { fresh_for, last: Mutex::new(None) }
    }

    /// What is parked, as of late.
    pub(crate) async fn list(&self, queue: &dyn JobQueue) -> Result<Arc<Vec<RangeJob>>, QueueError> {
        let mut last = self.last.lock().await;
        if let Some((at, parked)) = last.as_ref()
            && at.elapsed() < self.fresh_for
        {
            return Ok(parked.clone());
        }
        let parked = Arc::new(queue.parked(PARKED_AT_ONCE).await?);
        *last = Some((Instant::now(), parked.clone()));
        Ok(parked)
    }
    /// Removes what is of no use any more.
    pub(crate) async fn forget(&self, queue: &dyn JobQueue, jobs: &[RangeJob]) -> Result<(), QueueError> {
        if jobs.is_empty() {
            return Ok(());
        }
        let mut last = self.last.lock().await;
        queue.forget_parked(jobs).await?;
        *last = None;
        Ok(())
    }
}
