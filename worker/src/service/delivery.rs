//! One delivery, from its arrival to its settlement.

use std::{sync::Arc, time::Duration};

use quire_ports::{Delivery, Disposition, QueueError, Undertaking};
use quire_proto::{PageRange, RangeJob};
use tokio::{sync::RwLock, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::verdict::{Verdict, judge};
use crate::{
    chain::Chain,
    range::{RangeError, RangeWorker},
};

/// Longest that a stopping worker waits for the queue to confirm what it hands on.
const HANDED_ON_WITHIN: Duration = Duration::from_secs(1);

/// Takes care of deliveries. Clones share everything.
#[derive(Clone)]
pub(super) struct Desk {
    worker: RangeWorker,
    /// Held by all ranges at work; a suspected one holds it alone.
    company: Arc<RwLock<()>>,
    shutdown: CancellationToken,
}

/// What a delivery came to, beside its settlement.
#[derive(Debug)]
pub(super) enum Ended {
    /// It went as it should.
    Well,
    /// Something that every range needs is away.
    Outage,
    /// Another range may fare better.
    Badly,
    /// No range can be done here.
    Broken(RangeError),
}

impl Desk {
    pub(super) fn new(worker: RangeWorker, shutdown: CancellationToken) -> Self {
        Self { worker, company: Arc::default(), shutdown }
    }

    /// Does what a delivery asks for, and settles it.
    pub(super) async fn handle(self, delivery: Delivery) -> Ended {
        let job = delivery.job.clone();
        // Only a message that was lent before can have been somebody's death.
        let deaths = if delivery.redelivered { self.deaths(&job).await } else { 0 };
        match judge(job.range, deaths) {
            Verdict::Work => {
                let _beside_others = self.company.clone().read_owned().await;
                self.work(delivery).await
            }
            Verdict::WorkAlone => {
                let _alone = self.company.clone().write_owned().await;
                debug!(document = %job.document, range = %job.range, deaths, "a suspected range is worked on alone");
                self.work(delivery).await
            }
            Verdict::Halve(halves) => {
                // Alone: a half that kills this worker before the whole is settled would bring the whole back.
                let _alone = self.company.clone().write_owned().await;
                warn!(document = %job.document, range = %job.range, deaths, "workers died on a range: it is halved");
                self.replace(delivery, &halves).await
            }
            Verdict::GiveUp => {
                warn!(document = %job.document, page = %job.range, deaths, "workers died on a page: it has failed");
                let given_up = self.worker.give_up(&job, deaths).await;
                self.conclude(delivery, given_up).await
            }
        }
    }

    async fn work(&self, delivery: Delivery) -> Ended {
        let work = Undertaking::from(&delivery.job);
        let progress = &self.worker.ports().progress;
        if let Err(error) = progress.begin(&work).await {
            debug!(%error, "not noted that a range has begun; if it kills workers, that is found out later");
        }
        let done = self.worker.work(&delivery.job, &self.shutdown).await;
        self.conclude(delivery, done).await
    }

    /// Settles a delivery whose worker is still alive.
    async fn conclude(&self, delivery: Delivery, done: Result<(), RangeError>) -> Ended {
        self.forget(&delivery.job).await;
        match done {
            Ok(()) => {
                debug!(document = %delivery.job.document, range = %delivery.job.range, "range done");
                settle(delivery, Disposition::Acknowledge).await;
                Ended::Well
            }
            Err(RangeError::Interrupted { unread }) if unread != [delivery.job.range] => {
                self.hand_on(delivery, &unread).await
            }
            Err(RangeError::Interrupted { .. }) => {
                settle(delivery, Disposition::Release).await;
                Ended::Well
            }
            Err(error) => fail(delivery, error).await,
        }
    }

    /// Publishes what is left of a range in its place; the whole range goes back if the queue does not take that.
    async fn hand_on(&self, delivery: Delivery, left: &[PageRange]) -> Ended {
        let published = timeout(HANDED_ON_WITHIN, self.publish(&delivery.job, left)).await;
        let disposition =
            if matches!(published, Ok(Ok(()))) { Disposition::Acknowledge } else { Disposition::Release };
        debug!(document = %delivery.job.document, range = %delivery.job.range, ?left, ?disposition, "range interrupted");
        settle(delivery, disposition).await;
        Ended::Well
    }

    /// Publishes `parts` of a range in its place.
    async fn replace(&self, delivery: Delivery, parts: &[PageRange]) -> Ended {
        match self.publish(&delivery.job, parts).await {
            Ok(()) => {
                let job = delivery.job.clone();
                settle(delivery, Disposition::Acknowledge).await;
                // Afterwards: whoever gets a range back that was not settled has to know of its deaths.
                self.forget(&job).await;
                Ended::Well
            }
            Err(error) => {
                warn!(%error, "the parts of a range are not published; it goes back whole");
                settle(delivery, Disposition::Release).await;
                Ended::Outage
            }
        }
    }

    async fn publish(&self, job: &RangeJob, parts: &[PageRange]) -> Result<(), QueueError> {
        for part in parts {
            self.worker.ports().queue.publish(job.for_range(*part)).await?;
        }
        Ok(())
    }

    async fn deaths(&self, job: &RangeJob) -> u32 {
        let begun = self.worker.ports().progress.begun(&job.into()).await;
        begun.unwrap_or_else(|error| {
            debug!(%error, "not known whether workers died on a range; it is tried once more");
            0
        })
    }

    async fn forget(&self, job: &RangeJob) {
        if let Err(error) = self.worker.ports().progress.end(&job.into()).await {
            debug!(%error, "not noted that a range has ended; it may be halved without need");
        }
    }
}

async fn fail(delivery: Delivery, error: RangeError) -> Ended {
    let disposition = error.disposition();
    let (document, range) = (delivery.job.document, delivery.job.range);
    warn!(%document, %range, error = %Chain(&error), ?disposition, "range not finished");
    settle(delivery, disposition).await;
    match error {
        // Whatever hangs goes on hanging: only the end of the process sets its threads free.
        RangeError::Broken(_) | RangeError::Stalled { .. } => Ended::Broken(error),
        _ if error.is_outage() => Ended::Outage,
        _ => Ended::Badly,
    }
}

async fn settle(delivery: Delivery, disposition: Disposition) {
    let (document, range) = (delivery.job.document, delivery.job.range);
    if let Err(error) = delivery.settle(disposition).await {
        // The queue gives the range to somebody else, who finds its result in the store.
        warn!(%document, %range, %error, "range not settled");
    }
}
