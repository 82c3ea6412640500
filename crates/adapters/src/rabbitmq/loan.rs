//! A message on loan, and the four ways it ends.
//!
//! What goes on is published and confirmed before the message is acknowledged:
//! a crash between the two doubles the work, which is harmless, and loses none.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures_util::FutureExt;
use lapin::{
    Acker,
    message::Delivery as Message,
    options::{BasicAckOptions, BasicNackOptions},
};
use quire_ports::{Disposition, QueueError, Settled, Settlement};
use quire_proto::RangeJob;
use tokio::{sync::OwnedSemaphorePermit, time::timeout};
use tracing::debug;

use super::{error::CallError, publisher::Publisher};

/// Longest that a release waits for its copy to be confirmed, so that a worker that stops is not held up.
const COPIED_WITHIN: Duration = Duration::from_secs(3);

/// What all loans of a handle share.
#[derive(Debug)]
pub(super) struct Lender {
    pub(super) publisher: Publisher,
    pub(super) address: String,
    pub(super) max_attempts: u32,
    pub(super) stale: AtomicU64,
}

/// One message; dropping it gives it back.
#[derive(Debug)]
pub(super) struct Loan {
    message: Vec<u8>,
    acker: Acker,
    lender: Arc<Lender>,
    _permit: OwnedSemaphorePermit,
}

impl Loan {
    pub(super) fn new(message: Message, lender: Arc<Lender>, permit: OwnedSemaphorePermit) -> Self {
        Self { message: message.data, acker: message.acker, lender, _permit: permit }
    }

    /// The job, if the message is one that this code understands.
    pub(super) fn job(&self) -> Option<RangeJob> {
        job(&self.message)
    }

    async fn do_settle(&self, disposition: Disposition) -> Result<Settled, CallError> {
        // Who lent it has taken it back: somebody else decides what becomes of it.
        if self.acker.poisoned() {
            return Ok(self.stale());
        }
        match disposition {
            Disposition::Acknowledge => {}
            Disposition::Release => return self.release().await,
            Disposition::Retry => self.retry().await?,
            Disposition::Park => self.lender.publisher.park(&self.message).await?,
        }
        Ok(self.acknowledge().await)
    }

    /// Publishes a copy rather than returning the message: brokers count returns, and an outage of the store must not
    /// use up the delivery limit. Returns the message when publishing is not possible.
    async fn release(&self) -> Result<Settled, CallError> {
        let Some(job) = self.job() else { return Ok(self.give_back().await) };
        match timeout(COPIED_WITHIN, self.lender.publisher.publish(&job)).await {
            Ok(Ok(())) => Ok(self.acknowledge().await),
            Ok(Err(_)) | Err(_) => Ok(self.give_back().await),
        }
    }

    async fn retry(&self) -> Result<(), CallError> {
        match self.job() {
            Some(job) if job.attempt < self.lender.max_attempts => {
                self.lender.publisher.publish(&RangeJob { attempt: job.attempt + 1, ..job }).await
            }
            _ => self.lender.publisher.park(&self.message).await,
        }
    }

    async fn acknowledge(&self) -> Settled {
        self.told(self.acker.ack(BasicAckOptions::default()).await)
    }

    async fn give_back(&self) -> Settled {
        self.told(self.acker.nack(requeue()).await)
    }

    /// An error means that the session broke before the broker heard of it.
    fn told(&self, told: lapin::Result<bool>) -> Settled {
        if matches!(told, Ok(true)) { Settled::Taken } else { self.stale() }
    }

    fn stale(&self) -> Settled {
        let stale = self.lender.stale.fetch_add(1, Ordering::Relaxed) + 1;
        debug!(stale, "a delivery was settled after its session had ended");
        Settled::Stale
    }
}

/// Reads a message.
pub(super) fn job(message: &[u8]) -> Option<RangeJob> {
    let job: RangeJob = serde_json::from_slice(message).ok()?;
    (job.schema == quire_proto::job::RANGE_JOB_SCHEMA).then_some(job)
}

fn requeue() -> BasicNackOptions {
    BasicNackOptions { requeue: true, ..BasicNackOptions::default() }
}

#[async_trait]
impl Settlement for Loan {
    async fn settle(self: Box<Self>, disposition: Disposition) -> Result<Settled, QueueError> {
        self.do_settle(disposition).await.map_err(|error| error.at(&self.lender.address))
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        if self.acker.usable() {
            // The first poll hands the message to the connection's own thread; nobody waits for the rest.
            drop(self.acker.nack(requeue()).now_or_never());
        }
    }
}
