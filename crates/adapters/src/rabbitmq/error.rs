//! What an error of the broker means for the caller.

use lapin::{
    ErrorKind,
    protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError},
};
use quire_ports::{QueueError, Source};

use crate::connect_error::{ConnectError, NoAnswer};

/// Why a call failed, before anybody is told where.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    /// The client's own errors repeat their source, so they have none here.
    #[error("{0}")]
    Broker(lapin::Error),
    /// The address is one, but not of a broker. It may hold a password, so it is not repeated.
    #[error("not an address like amqp://host:port/vhost")]
    Address,
    /// There is no such queue any more; the next session declares it again.
    #[error("queue {0} is gone")]
    Unroutable(String),
    /// The broker took the message and could not keep it.
    #[error("the broker did not keep the message")]
    NotKept,
    /// The stream of deliveries ended: the queue was deleted, or the broker gave up on this consumer.
    #[error("the broker ended the consumer")]
    ConsumerEnded,
}

impl From<lapin::Error> for CallError {
    fn from(error: lapin::Error) -> Self {
        Self::Broker(error)
    }
}

/// A failed call and the broker that failed it.
#[derive(Debug, thiserror::Error)]
#[error("rabbitmq at {address}")]
struct At {
    address: String,
    source: CallError,
}

impl CallError {
    /// What to change, when the same call will fail for as long as nobody changes the configuration.
    fn remedy(&self) -> Option<&'static str> {
        let error = match self {
            Self::Broker(error) => error,
            Self::Address => return Some("set url of [rabbitmq] to an address like amqp://host:port/vhost"),
            _ => return None,
        };
        let ErrorKind::ProtocolError(error) = error.kind() else { return None };
        match error.kind() {
            AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) => {
                Some("its queues are of another kind: delete them, or set queues of [rabbitmq]")
            }
            AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => {
                Some("give a user with rights to the vhost in QUIRE__RABBITMQ__URL")
            }
            AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => {
                Some("give a vhost that exists in QUIRE__RABBITMQ__URL; / is written %2f")
            }
            _ => None,
        }
    }

    /// For the caller of the port.
    pub(super) fn at(self, address: &str) -> QueueError {
        let refused = self.remedy().is_some();
        let source: Source = At { address: address.to_owned(), source: self }.into();
        if refused { QueueError::Refused(source) } else { QueueError::Unavailable(source) }
    }

    /// For whoever starts the process.
    pub(super) fn at_start(self, address: String) -> ConnectError {
        let (service, remedy) = ("rabbitmq", self.remedy().map(str::to_owned));
        match remedy {
            Some(remedy) => ConnectError::Refused { service, address, remedy, source: self.into() },
            None => {
                let remedy = "start it, or set url of [rabbitmq]".to_owned();
                ConnectError::Unreachable { service, address, remedy, source: self.into() }
            }
        }
    }
}
