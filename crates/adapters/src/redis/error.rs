//! What an error of Redis means for the caller.

use quire_ports::{ProgressError, Source};
use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::connect_error::{ConnectError, NoAnswer};

/// Why a call failed, before anybody is told where.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    #[error(transparent)]
    Redis(#[from] RedisError),
}

/// A failed call and the server that failed it.
#[derive(Debug, thiserror::Error)]
#[error("redis at {address}")]
struct At {
    address: String,
    source: Source,
}

impl CallError {
    /// Whether the connection is of no more use.
    pub(super) fn breaks_connection(&self) -> bool {
        match self {
            Self::NoAnswer(_) => true,
            Self::Redis(error) => !matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension),
        }
    }

    /// Whether the same call will fail for as long as nobody changes the configuration.
    fn is_refusal(&self) -> bool {
        let Self::Redis(error) = self else { return false };
        match error.kind() {
            ErrorKind::AuthenticationFailed
            | ErrorKind::InvalidClientConfig
            | ErrorKind::UnexpectedReturnType
            | ErrorKind::Server(ServerErrorKind::NoPerm | ServerErrorKind::ResponseError) => true,
            ErrorKind::Extension => matches!(error.code(), Some("NOAUTH" | "WRONGPASS" | "WRONGTYPE")),
            _ => false,
        }
    }

    /// For the caller of the port.
    pub(super) fn at(self, address: &str) -> ProgressError {
        let refused = self.is_refusal();
        let source = At { address: address.to_owned(), source: self.into() }.into();
        if refused { ProgressError::Refused(source) } else { ProgressError::Unavailable(source) }
    }

    /// For whoever starts the process.
    pub(super) fn at_start(self, address: String) -> ConnectError {
        let service = "redis";
        if self.is_refusal() {
            let remedy = "give user, password and database in QUIRE__REDIS__URL".to_owned();
            return ConnectError::Refused { service, address, remedy, source: self.into() };
        }
        let remedy = "start it, or set url of [redis]".to_owned();
        ConnectError::Unreachable { service, address, remedy, source: self.into() }
    }
}
