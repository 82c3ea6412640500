//! What an error of the server means for the caller.

use std::error::Error;

use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use quire_ports::StoreError;
use quire_proto::ObjectKey;

/// A failed request, reduced to what is decided from.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
pub(super) struct Failure {
    /// The status, if there was an answer.
    pub(super) status: Option<u16>,
    code: Option<String>,
    text: String,
}

impl<E> From<SdkError<E>> for Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let code = error.code().map(str::to_owned);
        let text = match (status, &code, error.message()) {
            (Some(status), Some(code), Some(message)) => format!("status {status}, {code}: {message}"),
            (Some(status), Some(code), None) => format!("status {status}, {code}"),
            (Some(status), None, _) => format!("status {status}"),
            (None, ..) => first_sentence(&error),
        };
        Self { status, code, text }
    }
}

/// The chain of causes without the dump of values that follows it.
fn first_sentence(error: &(impl Error + 'static)) -> String {
    let all = DisplayErrorContext(error).to_string();
    all.split(" (").next().unwrap_or_default().to_owned()
}

impl Failure {
    /// Another was there first.
    pub(super) fn is_taken(&self) -> bool {
        self.status == Some(412)
    }

    /// Somebody writes the same object right now; to be tried again.
    pub(super) fn is_conflict(&self) -> bool {
        self.status == Some(409)
    }

    /// The server does not know conditions at all.
    pub(super) fn is_not_implemented(&self) -> bool {
        self.status == Some(501)
    }

    /// There is no such object.
    pub(super) fn is_missing(&self) -> bool {
        self.status == Some(404) && self.code.as_deref() != Some("NoSuchBucket")
    }

    /// For the caller of the port.
    pub(super) fn on(self, key: &ObjectKey) -> StoreError {
        if self.is_missing() { StoreError::Missing(key.clone()) } else { self.on_what(key.as_str()) }
    }

    /// For the caller of the port, where absence is not an answer.
    pub(super) fn on_what(self, what: &str) -> StoreError {
        match self.status {
            None | Some(408 | 409 | 429 | 500..) => StoreError::Unavailable(self.into()),
            Some(_) => StoreError::Refused { what: what.to_owned(), source: self.into() },
        }
    }
}
