//! Why a service cannot be used at start: which one, where, and what to do.

use std::{future::Future, time::Duration};

use quire_ports::Source;

/// Longest that connecting at start may take.
pub(crate) const CONNECT_WITHIN: Duration = Duration::from_secs(8);

/// A service that cannot be used as configured.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing answers there.
    #[error("{service} at {address} cannot be reached: {remedy}")]
    Unreachable {
        /// The service.
        service: &'static str,
        /// Where it was looked for, without secrets.
        address: String,
        /// What to do about it.
        remedy: String,
        /// The client's own error.
        source: Source,
    },
    /// It answers, but not to us, or not as this configuration needs it.
    #[error("{service} at {address} refuses us: {remedy}")]
    Refused {
        /// The service.
        service: &'static str,
        /// Where it is, without secrets.
        address: String,
        /// What to do about it.
        remedy: String,
        /// The client's own error.
        source: Source,
    },
}

/// No answer in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no answer within {0:?}")]
pub(crate) struct NoAnswer(pub(crate) Duration);

/// Gives up on `work` after `limit`. Boxed: what clients do to connect is large, and waits inside many other waits.
pub(crate) fn within<T, E>(
    limit: Duration,
    work: impl Future<Output = Result<T, E>>,
) -> impl Future<Output = Result<T, E>>
where
    E: From<NoAnswer>,
{
    let work = Box::pin(tokio::time::timeout(limit, work));
    async move { work.await.unwrap_or_else(|_elapsed| Err(NoAnswer(limit).into())) }
}
