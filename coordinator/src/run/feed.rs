//! Publishing: as many ranges as the window grants, documents in turn.

use futures_util::future::join_all;
use quire_ports::QueueError;
use quire_proto::{PageRange, RangeJob, job::RANGE_JOB_SCHEMA};
use tokio::time::Instant;
use tracing::warn;

use super::Run;
use crate::CoordinatorError;

/// Ranges published at once: their confirmations come together.
const PUBLISHED_AT_ONCE: usize = 32;

impl Run<'_> {
    /// Publishes while the window grants and the queue takes.
    pub(super) async fn feed(&mut self) -> Result<(), CoordinatorError> {
        loop {
            let open = !self.cancelled && self.times.publish <= Instant::now();
            self.seat.want(if open { self.waiting() } else { 0 });
            let slots = self.seat.take();
            if slots == 0 {
                return Ok(());
            }
            let batch = if open { self.next_ranges(slots) } else { Vec::new() };
            self.seat.give_back(slots - batch.len());
            self.publish(batch).await?;
        }
    }

    /// Ranges that could be published, as far as it matters: while the queue is away, one alone looks whether it is back.
    fn waiting(&self) -> usize {
        let most = if self.backoff.failures() > 0 { 1 } else { PUBLISHED_AT_ONCE };
        let mut waiting = 0;
        for place in &self.turns {
            waiting += self.documents[*place].todo.len();
            if waiting >= most {
                return most;
            }
        }
        waiting
    }

    fn next_ranges(&mut self, slots: usize) -> Vec<(usize, PageRange)> {
        let mut batch = Vec::with_capacity(slots);
        while batch.len() < slots {
            let Some(place) = self.turns.pop_front() else { break };
            batch.extend(self.documents[place].todo.pop_front().map(|range| (place, range)));
            if !self.documents[place].todo.is_empty() {
                let turn = self.coordinator.settings.open_documents.saturating_sub(1).min(self.turns.len());
                self.turns.insert(turn, place);
            }
        }
        batch
    }

    async fn publish(&mut self, batch: Vec<(usize, PageRange)>) -> Result<(), CoordinatorError> {
        if batch.is_empty() {
            return Ok(());
        }
        let queue = self.coordinator.ports.queue.clone();
        let publishing = batch.iter().map(|(place, range)| queue.publish(self.job(*place, *range)));
        let published = join_all(publishing).await;
        let mut refused = None;
        for ((place, range), outcome) in batch.into_iter().zip(published).rev() {
            match outcome {
                Ok(()) => self.documents[place].published(range, Instant::now()),
                Err(error) => {
                    self.put_back(place, range);
                    refused = Some(error);
                }
            }
        }
        match refused {
            None => self.backoff.reset(),
            Some(QueueError::Unavailable(error)) if self.coordinator.settings.outlast_outages => {
                let pause = self.backoff.pause();
                warn!(job = %self.spec.job, error, ?pause, "the queue is away; publishing again later");
                self.times.publish = Instant::now() + pause;
            }
            Some(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// It may be in the queue nevertheless; then it is done twice and kept once.
    fn put_back(&mut self, place: usize, range: PageRange) {
        self.documents[place].todo.push_front(range);
        if !self.turns.contains(&place) {
            self.turns.push_front(place);
        }
        self.seat.give_back(1);
    }

    pub(super) fn job(&self, place: usize, range: PageRange) -> RangeJob {
        let shelf = &self.documents[place].shelf;
        RangeJob {
            schema: RANGE_JOB_SCHEMA,
            tenant: self.spec.tenant.clone(),
            job: self.spec.job,
            document: shelf.document,
            profile: shelf.profile,
            options: self.spec.profile.options.clone(),
            range,
            epoch: self.spec.epoch,
            attempt: 1,
            priority: self.spec.priority,
            trace: Default::default(),
        }
    }
}
