//! The worker: takes ranges under a prefetch limit, works on several at once, settles each.
//!
//! ```text
//!  queue ─▶ breaker: is anything away? ─▶ delivery: suspected? ─▶ range ─▶ settle
//! ```
//!
//! At shutdown the intake stops first; pages in flight finish, and what is unread goes back.

mod breaker;
mod delivery;
mod verdict;

use std::{num::NonZeroUsize, time::Duration};

use quire_ports::{Delivery, JobQueue, QueueError};
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use self::{
    breaker::{Breaker, pause},
    delivery::{Desk, Ended},
};
use crate::{
    PipelineConfig,
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

/// How much a worker takes on, and how it stops.
#[derive(Clone, Copy, Debug)]
pub struct ServiceLimits {
    /// Ranges worked on at once; the queue holds the rest.
    pub ranges: NonZeroUsize,
    /// Longest that a worker may take to end after shutdown.
    pub grace: Duration,
    /// Longest that a range may go without a page that is finished.
    pub stall: Duration,
}

impl ServiceLimits {
    /// The limits of `config`.
    pub fn new(config: &PipelineConfig) -> Self {
        Self { ranges: config.ranges(), grace: config.drain, stall: config.stall }
    }

    /// Longest that pages in flight may take to finish: what is left of the grace is for writing and handing on.
    pub fn patience(&self) -> Duration {
        self.grace.mul_f32(0.6)
    }
}

/// Works until `shutdown`, then drains: pages in flight finish, what was not begun goes back to the queue.
pub async fn run(
    worker: &RangeWorker,
    limits: ServiceLimits,
    shutdown: &CancellationToken,
) -> Result<(), WorkerError> {
    // Whatever ends the intake, the ranges at work hear of it.
    let stop = shutdown.child_token();
    let desk = Desk::new(worker.clone(), stop.clone());
    let queue = worker.ports().queue.clone();
    let mut breaker = Breaker::new();
    let mut ranges = JoinSet::new();
    let ended = loop {
        let may_take = ranges.len() < breaker.at_once(limits.ranges.get());
        tokio::select! {
            biased;
            () = shutdown.cancelled() => break Ok(()),
            Some(ended) = ranges.join_next() => {
                if let Err(error) = take_note(ended, &mut breaker) {
                    break Err(error);
                }
            }
            delivery = next(queue.as_ref(), breaker.until()), if may_take => match delivery {
                Ok(delivery) => { ranges.spawn(desk.clone().handle(delivery)); }
                Err(QueueError::Closed) => break Ok(()),
                Err(QueueError::Unavailable(error)) => {
                    warn!(error, "the queue is not available; trying again");
                    breaker.trip();
                }
                Err(refused @ QueueError::Refused(_)) => break Err(refused.into()),
            },
        }
    };
    stop.cancel();
    let drained = drain(ranges, limits.grace).await;
    ended.and(drained)
}

/// The next delivery after a pause. Cancel safe, as both waits are.
async fn next(queue: &dyn JobQueue, until: Instant) -> Result<Delivery, QueueError> {
    pause(until).await;
    queue.receive().await
}

async fn drain(mut ranges: JoinSet<Ended>, grace: Duration) -> Result<(), WorkerError> {
    let rest = async {
        let mut breaker = Breaker::new();
        while let Some(ended) = ranges.join_next().await {
            take_note(ended, &mut breaker)?;
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

/// Ends the worker only for what no other range would survive either.
fn take_note(ended: Result<Ended, JoinError>, breaker: &mut Breaker) -> Result<(), WorkerError> {
    match ended {
        Ok(Ended::Well) => breaker.reset(),
        Ok(Ended::Outage) => breaker.trip(),
        Ok(Ended::Badly) => {}
        Ok(Ended::Broken(error)) => return Err(WorkerError::Broken(error)),
        Err(panic) => error!(%panic, "a range task panicked; its range goes back to the queue"),
    }
    Ok(())
}
