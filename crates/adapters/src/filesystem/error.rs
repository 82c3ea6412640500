//! What an input/output error means for the caller.

use std::io::{Error, ErrorKind};

use quire_ports::StoreError;
use quire_proto::ObjectKey;

/// Classifies an error on the object `key`.
pub(super) fn classify(key: &ObjectKey, error: Error) -> StoreError {
    if error.kind() == ErrorKind::NotFound {
        return StoreError::Missing(key.clone());
    }
    classify_at(key.as_str(), error)
}

/// Classifies an error where absence is not an answer.
pub(super) fn classify_at(what: &str, error: Error) -> StoreError {
    match error.kind() {
        // A disk that is busy, interrupted or out of descriptors may answer the same question later.
        ErrorKind::Interrupted | ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::ResourceBusy => {
            StoreError::Unavailable(error.into())
        }
        _ if error.raw_os_error().is_some_and(is_exhaustion) => StoreError::Unavailable(error.into()),
        _ => StoreError::Refused { what: what.to_owned(), source: error.into() },
    }
}

fn is_exhaustion(code: i32) -> bool {
    use rustix::io::Errno;
    [Errno::MFILE, Errno::NFILE, Errno::NOMEM, Errno::STALE].iter().any(|errno| errno.raw_os_error() == code)
}
