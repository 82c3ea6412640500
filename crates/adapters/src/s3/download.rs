//! Reading an object: whole, or again from the beginning.

use std::{io, path::Path, time::Duration};

use aws_sdk_s3::{Client, operation::get_object::GetObjectOutput};
use bytes::Bytes;
use quire_ports::{LocalFile, Source, StoreError};
use quire_proto::ObjectKey;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{S3Config, S3ObjectStore, error::Failure};
use crate::connect_error::NoAnswer;

/// Attempts at a body. The client library tries again until the body begins, and not after.
const ATTEMPTS: u32 = 4;

/// The body ended early.
#[derive(Debug, thiserror::Error)]
#[error("{got} of {expected} bytes came")]
struct CutShort {
    got: u64,
    expected: u64,
}

impl S3ObjectStore {
    pub(super) async fn read(&self, key: &ObjectKey) -> Result<Bytes, StoreError> {
        let mut attempt = 1;
        loop {
            let mut body = Vec::new();
            match self.read_once(key, &mut body).await {
                Ok(()) => return Ok(Bytes::from(body)),
                Err(StoreError::Unavailable(_)) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) async fn read_file(&self, key: &ObjectKey, scratch: &Path) -> Result<LocalFile, StoreError> {
        let refused = |error| not_copied(scratch.display().to_string(), error);
        let mut attempt = 1;
        loop {
            let (file, path) = tempfile::NamedTempFile::new_in(scratch).map_err(refused)?.into_parts();
            let mut file = tokio::fs::File::from_std(file);
            match self.read_once(key, &mut file).await {
                Ok(()) => {
                    let path = path.keep().map_err(|error| refused(error.error))?;
                    return Ok(LocalFile::temporary(path));
                }
                Err(StoreError::Unavailable(_)) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    async fn read_once(
        &self,
        key: &ObjectKey,
        into: &mut (impl AsyncWrite + Unpin + Send),
    ) -> Result<(), StoreError> {
        let copied = copy(&self.client, &self.config, &self.path(key.as_str()), into).await;
        copied.map_err(|error| match error {
            Copy::Server(failure) => failure.on(key),
            Copy::Cut(source) => StoreError::Unavailable(source),
            Copy::Local(error) => not_copied("a local copy".to_owned(), error),
        })
    }
}

/// Why an object was not copied.
pub(super) enum Copy {
    /// The server does not give it.
    Server(Failure),
    /// It broke off; another attempt may succeed.
    Cut(Source),
    /// What it was copied to does not take it.
    Local(io::Error),
}

/// Copies an object of the bucket, once.
pub(super) async fn copy(
    client: &Client,
    config: &S3Config,
    path: &str,
    into: &mut (impl AsyncWrite + Unpin + Send),
) -> Result<(), Copy> {
    let request = client.get_object().bucket(&config.bucket).key(path);
    let mut object = request.send().await.map_err(|error| Copy::Server(error.into()))?;
    let expected = object.content_length().and_then(|length| u64::try_from(length).ok());
    let mut got = 0;
    while let Some(chunk) = next(&mut object, config.attempt_within).await? {
        got += chunk.len() as u64;
        into.write_all(&chunk).await.map_err(Copy::Local)?;
    }
    into.flush().await.map_err(Copy::Local)?;
    match expected {
        Some(expected) if expected != got => Err(Copy::Cut(CutShort { got, expected }.into())),
        _ => Ok(()),
    }
}

async fn next(object: &mut GetObjectOutput, limit: Duration) -> Result<Option<Bytes>, Copy> {
    match tokio::time::timeout(limit, object.body.try_next()).await {
        Ok(Ok(chunk)) => Ok(chunk),
        Ok(Err(error)) => Err(Copy::Cut(error.into())),
        Err(_elapsed) => Err(Copy::Cut(NoAnswer(limit).into())),
    }
}

/// A disk that is full now may have room later, and other machines have other disks.
fn not_copied(what: String, error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Unavailable(error.into()),
        _ => StoreError::Refused { what, source: error.into() },
    }
}
