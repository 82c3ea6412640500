//! Publishing: what is said to be in a queue has been confirmed by the broker.

use std::sync::Arc;

use lapin::{
    BasicProperties, Confirmation,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use quire_proto::RangeJob;
use tokio::sync::{Mutex, Semaphore};

use super::{
    error::CallError,
    pace::Pace,
    server::{Server, Session},
};
use crate::connect_error::within;

/// Survives a restart of the broker.
const PERSISTENT: u8 = 2;

/// One session that all callers publish in, each waiting for its own confirmation.
#[derive(Debug)]
pub(super) struct Publisher {
    server: Arc<Server>,
    slot: Mutex<Slot>,
    window: Semaphore,
}

#[derive(Debug, Default)]
struct Slot {
    session: Option<Arc<Session>>,
    pace: Pace,
}

impl Publisher {
    pub(super) fn new(server: Arc<Server>) -> Self {
        let window = Semaphore::new(server.config.unconfirmed.get());
        Self { server, slot: Mutex::default(), window }
    }

    /// Puts a job where its priority says.
    pub(super) async fn publish(&self, job: &RangeJob) -> Result<(), CallError> {
        self.send(self.server.topology.pages(job.priority), &encoded(job)).await
    }

    /// Puts a message aside for a person to look at.
    pub(super) async fn park(&self, message: &[u8]) -> Result<(), CallError> {
        self.send(self.server.topology.parked(), message).await
    }

    async fn send(&self, queue: &str, message: &[u8]) -> Result<(), CallError> {
        let _place = self.window.acquire().await;
        let session = self.session().await?;
        let sent = within(self.server.config.confirm_within, send(&session, queue, message)).await;
        if sent.is_err() {
            self.forget(&session).await;
        }
        sent
    }

    /// The session in use, or a new one.
    pub(super) async fn session(&self) -> Result<Arc<Session>, CallError> {
        let mut slot = self.slot.lock().await;
        if let Some(session) = slot.session.as_ref().filter(|session| session.channel.status().connected()) {
            return Ok(session.clone());
        }
        slot.session = None;
        slot.pace.wait().await;
        match self.open().await {
            Ok(session) => {
                let session = Arc::new(session);
                *slot = Slot { session: Some(session.clone()), pace: Pace::default() };
                Ok(session)
            }
            Err(error) => {
                slot.pace.failed();
                Err(error)
            }
        }
    }

    async fn open(&self) -> Result<Session, CallError> {
        let session = self.server.open("publish").await?;
        session.channel.confirm_select(ConfirmSelectOptions::default()).await?;
        Ok(session)
    }

    /// Drops the session in which something went wrong, unless there is a newer one.
    async fn forget(&self, session: &Arc<Session>) {
        let mut slot = self.slot.lock().await;
        if slot.session.as_ref().is_some_and(|current| Arc::ptr_eq(current, session)) {
            slot.session = None;
        }
    }
}

/// A job as it travels. Text, numbers and maps with text keys always have a JSON form.
pub(super) fn encoded(job: &RangeJob) -> Vec<u8> {
    serde_json::to_vec(job).unwrap_or_default()
}

async fn send(session: &Session, queue: &str, message: &[u8]) -> Result<(), CallError> {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let properties = BasicProperties::default()
        .with_delivery_mode(PERSISTENT)
        .with_content_type("application/json".into());
    let confirmation =
        session.channel.basic_publish("".into(), queue.into(), options, message, properties).await?.await?;
    match confirmation {
        Confirmation::Ack(None) => Ok(()),
        Confirmation::Ack(Some(_)) | Confirmation::Nack(Some(_)) => {
            Err(CallError::Unroutable(queue.to_owned()))
        }
        // Without a request there is no promise: as bad as a refusal.
        Confirmation::Nack(None) | Confirmation::NotRequested => Err(CallError::NotKept),
    }
}
