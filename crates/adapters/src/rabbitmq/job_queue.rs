//! The queue itself.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use lapin::Channel;
use quire_ports::{Delivery, Disposition, JobQueue, QueueError, QueueLimits, Settlement};
use quire_proto::RangeJob;
use tokio::sync::{Mutex, Semaphore};
use tracing::warn;

use super::{
    RabbitMqConfig,
    error::CallError,
    intake::Intake,
    loan::{Lender, Loan},
    parked,
    publisher::Publisher,
    server::Server,
};
use crate::connect_error::{ConnectError, within};

/// A handle on the fleet's queues, with a prefetch of its own.
#[derive(Debug)]
pub struct RabbitMqJobQueue {
    server: Arc<Server>,
    intake: Intake,
    lender: Arc<Lender>,
    /// One permit for each delivery that may be unsettled.
    loans: Arc<Semaphore>,
    /// Held while parked messages are listed, so that two lists of one process do not hide them from each other.
    listing: Mutex<()>,
}

impl RabbitMqJobQueue {
    /// Connects, and declares the queues. The session that receives is opened by the first call of `receive`.
    pub async fn connect(config: RabbitMqConfig, limits: QueueLimits) -> Result<Self, ConnectError> {
        let server = Arc::new(Server::new(config));
        let publisher = Publisher::new(server.clone());
        publisher.session().await.map_err(|error| error.at_start(server.address()))?;
        let lender = Lender {
            publisher,
            address: server.address(),
            max_attempts: limits.max_attempts,
            stale: AtomicU64::new(0),
        };
        Ok(Self {
            intake: Intake::new(server.clone(), limits.prefetch),
            server,
            lender: Arc::new(lender),
            loans: Arc::new(Semaphore::new(limits.prefetch)),
            listing: Mutex::new(()),
        })
    }

    /// Deliveries that were settled after their session had ended: work that somebody else has or had too.
    pub fn stale_settlements(&self) -> u64 {
        self.lender.stale.load(Ordering::Relaxed)
    }

    /// A channel for one look at the queues.
    async fn channel(&self) -> Result<Channel, CallError> {
        let session = self.lender.publisher.session().await?;
        Ok(session.connection.create_channel().await?)
    }

    fn at(&self, error: CallError) -> QueueError {
        error.at(&self.lender.address)
    }
}

#[async_trait]
impl JobQueue for RabbitMqJobQueue {
    async fn publish(&self, job: RangeJob) -> Result<(), QueueError> {
        self.lender.publisher.publish(&job).await.map_err(|error| self.at(error))
    }

    async fn receive(&self) -> Result<Delivery, QueueError> {
        loop {
            let permit = self.loans.clone().acquire_owned().await.map_err(|_| QueueError::Closed)?;
            let message = self.intake.next().await.map_err(|error| self.at(error))?;
            // From here on a cancelled wait drops the loan, which gives the message back.
            let redelivered = message.redelivered;
            let loan = Box::new(Loan::new(message, self.lender.clone(), permit));
            match loan.job() {
                Some(job) => return Ok(Delivery::new(job, redelivered, loan)),
                None => {
                    warn!("a message that this version does not understand is parked");
                    loan.settle(Disposition::Park).await?;
                }
            }
        }
    }

    async fn waiting(&self) -> Result<usize, QueueError> {
        let count = async {
            let channel = self.channel().await?;
            let waiting = self.server.topology.waiting(&channel).await?;
            channel.close(200, "counted".into()).await?;
            Ok(waiting)
        };
        within(self.server.config.confirm_within, count).await.map_err(|error| self.at(error))
    }

    async fn parked(&self, limit: usize) -> Result<Vec<RangeJob>, QueueError> {
        let _alone = self.listing.lock().await;
        let queue = self.server.topology.parked();
        let list = async { parked::list(&self.channel().await?, queue, limit).await };
        within(self.server.config.confirm_within, list).await.map_err(|error| self.at(error))
    }

    async fn forget_parked(&self, jobs: &[RangeJob]) -> Result<(), QueueError> {
        let _alone = self.listing.lock().await;
        let queue = self.server.topology.parked();
        let forget = async { parked::forget(&self.channel().await?, queue, jobs).await };
        within(self.server.config.confirm_within, forget).await.map_err(|error| self.at(error))
    }
}
