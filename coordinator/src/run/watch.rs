//! Hints from progress, and what is done about parked ranges.

use std::time::Duration;

use quire_ports::{
    Cursor, Events, ProgressError, ProgressEvent,
    backoff::jittered,
    range_file::{RangeId, encode},
};
use quire_proto::{
    ObjectKey, PageNumber, PageRange, PageSet, RangeJob,
    record::{FailureClass, PageFailure, PageRecord},
};
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use super::Run;
use crate::{CoordinatorError, JobEvent};

/// Time between two looks at the store, and at progress, while progress is not to be had.
const WITHOUT_PROGRESS: Duration = Duration::from_secs(5);

impl Run<'_> {
    /// Where events go on; the beginning when progress is not to be had.
    pub(super) async fn snapshot_cursor(&self) -> Cursor {
        match self.coordinator.ports.progress.snapshot(self.spec.job).await {
            Ok(snapshot) => snapshot.cursor,
            Err(_) => Cursor::default(),
        }
    }

    /// Waits for news. Cancel safe, as the port's `events` is.
    pub(super) async fn news(&self) -> Result<Events, ProgressError> {
        sleep_until(self.times.listen).await;
        self.coordinator.ports.progress.events(self.spec.job, self.cursor).await
    }

    pub(super) async fn take_in(
        &mut self,
        news: Result<Events, ProgressError>,
    ) -> Result<(), CoordinatorError> {
        match news {
            Ok(Events::Next { events, cursor }) => {
                self.cursor = cursor;
                for event in events {
                    self.take_in_event(event).await?;
                }
                Ok(())
            }
            Ok(Events::Lapsed) => {
                self.cursor = self.snapshot_cursor().await;
                self.reconcile().await
            }
            Err(error) => {
                warn!(%error, "progress is not to be had; going by the store alone");
                let pause = WITHOUT_PROGRESS.min(self.coordinator.settings.reconcile_every);
                self.times.listen = Instant::now() + jittered(pause);
                self.reconcile().await
            }
        }
    }

    async fn take_in_event(&mut self, event: ProgressEvent) -> Result<(), CoordinatorError> {
        let ProgressEvent { document, pages } = event;
        let Some(place) = self.places.get(&document).copied() else { return Ok(()) };
        let finished = self.documents[place].mark(&pages);
        // What the store has told before is an echo of our own repair.
        let mut new = pages;
        new.retain(|mark| !self.documents[place].coverage.is_decided(mark.page));
        if !new.is_empty() {
            self.tell(JobEvent::Pages { document, pages: new }).await;
        }
        for range in finished {
            let key = self.job(place, range).result_key();
            let store = self.coordinator.ports.store.clone();
            if self.documents[place].look_at(store.as_ref(), &key).await? {
                self.after_look(place).await;
            } else {
                // Written in parts, or damaged: the whole shelf tells.
                self.look(place).await?;
            }
        }
        Ok(())
    }

    /// Ranges whose attempts are used up: their pages have failed, and the job must end.
    pub(super) async fn bury_parked(&mut self) -> Result<(), CoordinatorError> {
        let parked = self.coordinator.parked().await?;
        let ours = parked.iter().filter(|job| job.job == self.spec.job && job.epoch == self.spec.epoch);
        let mut buried = Vec::new();
        for job in ours {
            let Some(place) = self.places.get(&job.document).copied() else { continue };
            if self.documents[place].coverage.has_hole_in(job.range) {
                self.look(place).await?;
                self.bury(place, job).await?;
            }
            buried.push(job.clone());
        }
        // The records say from here on what became of the pages.
        self.coordinator.forget_parked(&buried).await
    }

    async fn bury(&mut self, place: usize, job: &RangeJob) -> Result<(), CoordinatorError> {
        let holes = self.documents[place].coverage.holes().intersection(&PageSet::from(job.range));
        for range in holes.ranges() {
            warn!(document = %job.document, %range, attempts = job.attempt, "attempts are used up: pages have failed");
            let (key, body) = failed_range(job, *range)?;
            self.coordinator.ports.store.put_if_absent(&key, body).await?;
        }
        self.look(place).await
    }
}

fn failed_range(job: &RangeJob, range: PageRange) -> Result<(ObjectKey, bytes::Bytes), CoordinatorError> {
    let records: Vec<PageRecord> = range.pages().map(|page| failed_page(job, page)).collect();
    let id = RangeId { document: job.document, profile: job.profile, range, epoch: job.epoch };
    Ok((job.partial_result_key(range), encode(&id, &records)?))
}

fn failed_page(job: &RangeJob, page: PageNumber) -> PageRecord {
    let failure = PageFailure {
        class: FailureClass::AttemptsExhausted,
        message: "every attempt at its range failed".to_owned(),
        attempts: job.attempt,
        milliseconds: 0,
    };
    PageRecord::given_up(job, page, failure)
}
