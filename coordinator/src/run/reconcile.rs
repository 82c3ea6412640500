//! The comparison of the plan with the store, which makes every loss temporary.

use quire_ports::PageMarks;
use tokio::time::Instant;
use tracing::warn;

use super::Run;
use crate::CoordinatorError;

/// Pages told to the progress store in one call.
const MARKED_AT_ONCE: usize = 4096;

impl Run<'_> {
    /// Compares the plan with the store.
    pub(super) async fn reconcile(&mut self) -> Result<(), CoordinatorError> {
        self.times.reconcile = Instant::now() + self.coordinator.settings.reconcile_every;
        self.look_for_cancel().await?;
        self.bury_parked().await?;
        for place in 0..self.documents.len() {
            if !self.documents[place].outstanding.is_empty() {
                self.look(place).await?;
                self.republish_lost(place).await?;
            }
        }
        self.repair_progress().await;
        self.backoff.reset();
        Ok(())
    }

    async fn republish_lost(&mut self, place: usize) -> Result<(), CoordinatorError> {
        let lost = self.documents[place].older_than(self.coordinator.settings.republish_after);
        for range in lost {
            warn!(document = %self.documents[place].shelf.document, %range, "no result: published again");
            self.coordinator.ports.queue.publish(self.job(place, range)).await?;
            self.documents[place].published(range, Instant::now());
        }
        Ok(())
    }

    /// Tells the progress store what it does not know: it was emptied, or a worker could not reach it.
    pub(super) async fn repair_progress(&self) {
        let progress = &self.coordinator.ports.progress;
        let Ok(known) = progress.snapshot(self.spec.job).await else { return };
        for document in &self.documents {
            let id = document.shelf.document;
            let marked = known.documents.get(&id).map_or(0, |ledger| ledger.decided());
            if marked >= document.coverage.ledger().decided() {
                continue;
            }
            let pages: Vec<_> = document.coverage.marks().collect();
            for pages in pages.chunks(MARKED_AT_ONCE) {
                let marks = PageMarks { job: self.spec.job, document: id, pages: pages.to_vec() };
                if let Err(error) = progress.mark(&marks).await {
                    warn!(%error, "progress could not be repaired; trying again at the next comparison");
                    return;
                }
            }
        }
    }
}
