//! A queue in memory. Its length is bounded by the coordinator's window, as the broker's is.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use quire_ports::{Delivery, Disposition, JobQueue, QueueError, QueueLimits, Settled, Settlement};
use quire_proto::{Priority, RangeJob};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::lock;

/// One consumer's handle on a queue.
#[derive(Debug)]
pub struct InMemoryJobQueue {
    shared: Arc<Shared>,
    /// One permit for each delivery that may be unsettled.
    loans: Arc<Semaphore>,
}

#[derive(Debug)]
struct Shared {
    max_attempts: u32,
    state: Mutex<State>,
    /// One permit for each waiting job.
    waiting: Semaphore,
}

#[derive(Debug, Default)]
struct State {
    high: VecDeque<Waiting>,
    low: VecDeque<Waiting>,
    parked: Vec<RangeJob>,
}

#[derive(Debug)]
struct Waiting {
    job: RangeJob,
    redelivered: bool,
}

impl InMemoryJobQueue {
    /// An empty queue.
    pub fn new(limits: QueueLimits) -> Self {
        let shared =
            Shared { max_attempts: limits.max_attempts, state: Mutex::default(), waiting: Semaphore::new(0) };
        Self { shared: Arc::new(shared), loans: Arc::new(Semaphore::new(limits.prefetch)) }
    }

    /// Another consumer of the same queue, with a prefetch of its own.
    #[must_use]
    pub fn another(&self, prefetch: usize) -> Self {
        Self { shared: self.shared.clone(), loans: Arc::new(Semaphore::new(prefetch)) }
    }

    /// Ends all waiting and future calls of `receive` on every handle with [`QueueError::Closed`].
    pub fn close(&self) {
        self.shared.waiting.close();
    }

    /// Jobs that wait; those on loan are not among them.
    pub fn len(&self) -> usize {
        let state = lock(&self.shared.state);
        state.high.len() + state.low.len()
    }

    /// Whether no job waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl State {
    fn lane(&mut self, priority: Priority) -> &mut VecDeque<Waiting> {
        match priority {
            Priority::High => &mut self.high,
            Priority::Low => &mut self.low,
        }
    }
}

impl Shared {
    fn append(&self, job: RangeJob) {
        let priority = job.priority;
        lock(&self.state).lane(priority).push_back(Waiting { job, redelivered: false });
        self.waiting.add_permits(1);
    }

    /// Back to the front, where it came from.
    fn give_back(&self, job: RangeJob) {
        let priority = job.priority;
        lock(&self.state).lane(priority).push_front(Waiting { job, redelivered: true });
        self.waiting.add_permits(1);
    }

    fn take(&self) -> Option<Waiting> {
        let mut state = lock(&self.state);
        state.high.pop_front().or_else(|| state.low.pop_front())
    }

    fn retry(&self, job: RangeJob) {
        if job.attempt >= self.max_attempts {
            lock(&self.state).parked.push(job);
        } else {
            self.append(RangeJob { attempt: job.attempt + 1, ..job });
        }
    }
}

#[derive(Debug)]
struct Loan {
    /// `None` once settled.
    job: Option<RangeJob>,
    shared: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

#[async_trait]
impl Settlement for Loan {
    async fn settle(mut self: Box<Self>, disposition: Disposition) -> Result<Settled, QueueError> {
        let Some(job) = self.job.take() else { return Ok(Settled::Stale) };
        match disposition {
            Disposition::Acknowledge => {}
            Disposition::Release => self.shared.give_back(job),
            Disposition::Retry => self.shared.retry(job),
            Disposition::Park => lock(&self.shared.state).parked.push(job),
        }
        Ok(Settled::Taken)
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if let Some(job) = self.job.take() {
            self.shared.give_back(job);
        }
    }
}

#[async_trait]
impl JobQueue for InMemoryJobQueue {
    async fn publish(&self, job: RangeJob) -> Result<(), QueueError> {
        self.shared.append(job);
        Ok(())
    }

    async fn receive(&self) -> Result<Delivery, QueueError> {
        let permit = self.loans.clone().acquire_owned().await.map_err(|_| QueueError::Closed)?;
        loop {
            // A permit stands for a job, so after the last wait there is no await and nothing to cancel.
            self.shared.waiting.acquire().await.map_err(|_| QueueError::Closed)?.forget();
            if let Some(Waiting { job, redelivered }) = self.shared.take() {
                let loan = Loan { job: Some(job.clone()), shared: self.shared.clone(), _permit: permit };
                return Ok(Delivery::new(job, redelivered, Box::new(loan)));
            }
        }
    }

    async fn waiting(&self) -> Result<usize, QueueError> {
        let state = lock(&self.shared.state);
        Ok(state.high.len() + state.low.len())
    }

    async fn parked(&self, limit: usize) -> Result<Vec<RangeJob>, QueueError> {
        Ok(lock(&self.shared.state).parked.iter().take(limit).cloned().collect())
    }

    async fn forget_parked(&self, jobs: &[RangeJob]) -> Result<(), QueueError> {
        lock(&self.shared.state).parked.retain(|parked| !jobs.contains(parked));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_closed_queue_says_so() {
        let queue = InMemoryJobQueue::new(QueueLimits::default());

        queue.close();

        assert!(matches!(queue.receive().await, Err(QueueError::Closed)));
    }
}
