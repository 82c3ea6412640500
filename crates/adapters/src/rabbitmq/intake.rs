//! Receiving: one session that is read by whoever waits, high priority first.
//!
//! Nothing runs in the background. The session lives behind a lock that the
//! waiting caller holds; when its wait is cancelled, the next caller goes on
//! where it was. The broker's prefetch is the only bound of the client's buffer.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use lapin::{
    Consumer,
    message::Delivery,
    options::{BasicConsumeOptions, BasicQosOptions},
    types::FieldTable,
};
use quire_proto::Priority;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};
use tracing::warn;

use super::{
    error::CallError,
    pace::Pace,
    server::{Server, Session},
};
use crate::connect_error::{CONNECT_WITHIN, within};

/// How long a job of low priority waits for one of high priority that may be on its way, when nothing came for as long.
/// Two queues are two streams: what was published first may arrive second. While work flows nothing waits, because
/// the queue of high priority has a prefetch of its own, so that what is in it is here already.
const HEAD_START: Duration = Duration::from_millis(25);

/// The consuming end.
#[derive(Debug)]
pub(super) struct Intake {
    server: Arc<Server>,
    prefetch: u16,
    slot: Mutex<Slot>,
}

#[derive(Debug, Default)]
struct Slot {
    session: Option<Consumers>,
    pace: Pace,
}

#[derive(Debug)]
struct Consumers {
    high: Consumer,
    low: Consumer,
    /// A job of low priority that gives way for a moment.
    held: Option<Delivery>,
    /// Nothing has come in this session.
    fresh: bool,
    _session: Session,
}

impl Intake {
    pub(super) fn new(server: Arc<Server>, prefetch: usize) -> Self {
        let prefetch = u16::try_from(prefetch).unwrap_or(u16::MAX).max(1);
        Self { server, prefetch, slot: Mutex::default() }
    }

    /// The next message. Cancel safe: what has arrived stays in the slot.
    pub(super) async fn next(&self) -> Result<Delivery, CallError> {
        let mut slot = self.slot.lock().await;
        loop {
            if slot.session.is_none() {
                self.open(&mut slot).await?;
            }
            let Some(consumers) = &mut slot.session else { continue };
            match consumers.next().await {
                Ok(delivery) => return Ok(delivery),
                Err(error) => {
                    warn!(%error, "the session with rabbitmq is lost; opening another");
                    slot.session = None;
                }
            }
        }
    }

    async fn open(&self, slot: &mut Slot) -> Result<(), CallError> {
        slot.pace.wait().await;
        match within(CONNECT_WITHIN, self.consume()).await {
            Ok(consumers) => {
                slot.session = Some(consumers);
                slot.pace.succeeded();
                Ok(())
            }
            Err(error) => {
                slot.pace.failed();
                Err(error)
            }
        }
    }

    async fn consume(&self) -> Result<Consumers, CallError> {
        let session = self.server.open("consume").await?;
        session.channel.basic_qos(self.prefetch, BasicQosOptions::default()).await?;
        let high = self.consumer(&session, Priority::High).await?;
        let low = self.consumer(&session, Priority::Low).await?;
        Ok(Consumers { high, low, held: None, fresh: true, _session: session })
    }

    async fn consumer(&self, session: &Session, priority: Priority) -> Result<Consumer, CallError> {
        let queue = self.server.topology.pages(priority).into();
        let options = BasicConsumeOptions::default();
        Ok(session.channel.basic_consume(queue, "".into(), options, FieldTable::default()).await?)
    }
}

impl Consumers {
    /// Cancel safe: a message is either still in its stream or in `held`.
    async fn next(&mut self) -> Result<Delivery, CallError> {
        let called = Instant::now();
        if self.held.is_none() {
            tokio::select! {
                biased;
                high = self.high.next() => return delivery(high),
                low = self.low.next() => {
                    let low = delivery(low)?;
                    if !self.fresh && called.elapsed() < HEAD_START {
                        return Ok(low);
                    }
                    self.held = Some(low);
                }
            }
        }
        match timeout(HEAD_START, self.high.next()).await {
            Ok(high) => delivery(high),
            Err(_elapsed) => {
                self.fresh = false;
                self.held.take().ok_or(CallError::ConsumerEnded)
            }
        }
    }
}

fn delivery(next: Option<lapin::Result<Delivery>>) -> Result<Delivery, CallError> {
    Ok(next.ok_or(CallError::ConsumerEnded)??)
}
