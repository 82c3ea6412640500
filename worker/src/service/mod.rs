//! The worker: takes ranges under a prefetch limit, works on several at once, settles each.

use std::{num::NonZeroUsize, time::Duration};

use quire_ports::{Delivery, Disposition, JobQueue, QueueError};
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};

use crate::{
    chain::Chain,
    range::{RangeError, RangeWorker},
};

/// Why a worker ended other than by being asked to.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// The queue refuses us.
    #[error("receive page ranges")]
    Queue(#[from] QueueError),
    /// Ranges were still running when the grace period ended; their deliveries go back to the queue.
    #[error("{ranges} page ranges did not stop within {grace:?}")]
    GraceExpired {
        /// Ranges that were cut off.
        ranges: usize,
        /// The grace period.
        grace: Duration,
    },
    /// Pages cannot be read on this machine.
    #[error("cannot work here")]
    Broken(#[source] RangeError),
}

/// Pause after the services failed, so that a released range does not come back at once.
const BACK_OFF: Duration = Duration::from_secs(1);

/// How much a worker takes on, and how it stops.
#[derive(Clone, Copy, Debug)]
pub struct ServiceLimits {
    /// Ranges worked on at once; the queue holds the rest.
    pub ranges: NonZeroUsize,
    /// Longest that pages in flight may take to finish after shutdown.
    pub grace: Duration,
}

/// Works until `shutdown`, then drains: pages in flight finish, what was not begun goes back to the queue.
pub async fn run(
    queue: &dyn JobQueue,
    worker: &RangeWorker,
    limits: ServiceLimits,
    shutdown: &CancellationToken,
) -> Result<(), WorkerError> {
    let mut ranges = JoinSet::new();
    let ended = loop {
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break Ok(()),
            Some(outcome) = ranges.join_next() => if let Err(error) = verdict(outcome) { break Err(error) },
            delivery = queue.receive(), if ranges.len() < limits.ranges.get() => match delivery {
                Ok(delivery) => {
                    ranges.spawn(do_range(worker.clone(), delivery, shutdown.clone()));
                }
                Err(QueueError::Closed) => break Ok(()),
                Err(QueueError::Unavailable(error)) => {
                    warn!(error, "the queue is not available; trying again");
                    tokio::time::sleep(BACK_OFF).await;
                }
                Err(refused @ QueueError::Refused(_)) => break Err(refused.into()),
            },
        }
    };
    drain(ranges, limits.grace).await.and(ended)
}

async fn drain(mut ranges: JoinSet<Result<(), RangeError>>, grace: Duration) -> Result<(), WorkerError> {
    let rest = async {
        while let Some(outcome) = ranges.join_next().await {
            verdict(outcome)?;
        }
        Ok(())
    };
    match timeout(grace, rest).await {
        Ok(ended) => ended,
        Err(_elapsed) => {
            let running = ranges.len();
            // Dropping their deliveries returns them to the queue.
            ranges.shutdown().await;
            Err(WorkerError::GraceExpired { ranges: running, grace })
        }
    }
}

/// Does one range and settles it.
async fn do_range(
    worker: RangeWorker,
    delivery: Delivery,
    shutdown: CancellationToken,
) -> Result<(), RangeError> {
    let outcome = worker.work(&delivery.job, &shutdown).await;
    let disposition = outcome.as_ref().err().map_or(Disposition::Acknowledge, RangeError::disposition);
    let (document, range) = (delivery.job.document, delivery.job.range);
    match &outcome {
        Err(RangeError::Interrupted { unread }) => debug!(%document, %range, unread, "range interrupted"),
        Err(error) => {
            warn!(%document, %range, error = %Chain(error), ?disposition, "range not finished");
            tokio::select! { () = tokio::time::sleep(BACK_OFF) => {}, () = shutdown.cancelled() => {} }
        }
        Ok(()) => debug!(%document, %range, "range done"),
    }
    if let Err(error) = delivery.settle(disposition).await {
        // The queue gives the range to somebody else, who finds its result in the store.
        warn!(%document, %range, %error, "range not settled");
    }
    outcome
}

/// Ends the worker only for what no other range would survive either.
fn verdict(outcome: Result<Result<(), RangeError>, tokio::task::JoinError>) -> Result<(), WorkerError> {
    match outcome {
        Ok(Err(broken @ RangeError::Broken(_))) => Err(WorkerError::Broken(broken)),
        Ok(_) => Ok(()),
        Err(panic) => {
            error!(%panic, "a range task panicked; its range goes back to the queue");
            Ok(())
        }
    }
}
