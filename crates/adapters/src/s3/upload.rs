//! Storing a local file under a name made of its content.
//!
//! The name must be known before the first byte is sent, so a large file is read
//! twice: to name it, and to send it in parts. What is sent is hashed again, and a
//! file that is not what it was called leaves nothing behind.

use std::{
    io::{self, Read},
    path::Path,
};

use aws_sdk_s3::{
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::Bytes;
use quire_ports::{InputFile, Put, StoreError, StoredFile, object_store::NameByDigest};
use quire_proto::ObjectKey;

use super::{S3ObjectStore, error::Failure, pending_upload::PendingUpload, probe::Conditions};

/// S3 takes 10,000 parts; a file that would need more has larger ones.
const MOST_PARTS: u64 = 9_999;

/// Smallest part that S3 takes, but for the last.
const SMALLEST_PART: u64 = 5 << 20;

/// A small file in memory, or the digest of a large one.
enum Input {
    Small(Bytes, [u8; 32]),
    Large([u8; 32], u64),
}

impl S3ObjectStore {
    pub(super) async fn store_file(
        &self,
        file: &Path,
        name: NameByDigest<'_>,
    ) -> Result<StoredFile, StoreError> {
        let (path, part_size) = (file.to_owned(), self.part_size(0));
        match blocking(move || read_input(&path, part_size)).await? {
            Input::Small(body, sha256) => {
                let (key, bytes) = (name(sha256), body.len() as u64);
                let put = self.create(&key, body).await?;
                Ok(StoredFile { key, sha256, bytes, put })
            }
            Input::Large(sha256, bytes) => {
                let key = name(sha256);
                let there = self.meta(&key).await?.is_some();
                let put =
                    if there { Put::Exists } else { self.send_large(file, &key, sha256, bytes).await? };
                Ok(StoredFile { key, sha256, bytes, put })
            }
        }
    }

    fn part_size(&self, bytes: u64) -> u64 {
        self.config.part_size.as_u64().max(SMALLEST_PART).max(bytes / MOST_PARTS)
    }

    async fn send_large(
        &self,
        file: &Path,
        key: &ObjectKey,
        sha256: [u8; 32],
        bytes: u64,
    ) -> Result<Put, StoreError> {
        let path = self.path(key.as_str());
        let pending = PendingUpload::begin(&self.client, &self.config.bucket, path).await;
        let pending = pending.map_err(|failure| failure.on_what(key.as_str()))?;
        let parts = self.send_parts(file, key, pending.id(), sha256, bytes).await?;
        let put = self.complete(key, pending.id(), parts).await?;
        if put == Put::Created {
            pending.completed();
        }
        Ok(put)
    }

    async fn send_parts(
        &self,
        file: &Path,
        key: &ObjectKey,
        upload: &str,
        sha256: [u8; 32],
        bytes: u64,
    ) -> Result<Vec<CompletedPart>, StoreError> {
        let part_size = self.part_size(bytes);
        let path = file.to_owned();
        let mut input = blocking(move || InputFile::open(&path)).await?;
        let mut parts = Vec::new();
        loop {
            let (rest, body) = blocking(move || next_part(input, part_size)).await?;
            input = rest;
            if body.is_empty() {
                break;
            }
            let number = i32::try_from(parts.len() + 1).unwrap_or(i32::MAX);
            parts.push(self.send_part(key, upload, number, body).await?);
        }
        let (sent, _) = input.finish()?;
        if sent == sha256 { Ok(parts) } else { Err(StoreError::InputChanged { path: file.to_owned() }) }
    }

    async fn send_part(
        &self,
        key: &ObjectKey,
        upload: &str,
        number: i32,
        body: Bytes,
    ) -> Result<CompletedPart, StoreError> {
        let request = self.client.upload_part().bucket(&self.config.bucket).key(self.path(key.as_str()));
        let request = request.upload_id(upload).part_number(number).body(ByteStream::from(body));
        let sent = request.send().await.map_err(|error| Failure::from(error).on_what(key.as_str()))?;
        Ok(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build())
    }

    async fn complete(
        &self,
        key: &ObjectKey,
        upload: &str,
        parts: Vec<CompletedPart>,
    ) -> Result<Put, StoreError> {
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let request = self.client.complete_multipart_upload().bucket(&self.config.bucket);
        let mut request = request.key(self.path(key.as_str())).upload_id(upload).multipart_upload(parts);
        if self.conditions() == Conditions::Kept {
            request = request.if_none_match("*");
        }
        match request.send().await.map_err(Failure::from) {
            Ok(_) => Ok(Put::Created),
            Err(failure) if failure.is_taken() => Ok(Put::Exists),
            // The client asks again when an answer was lost, and then the upload is not one any more.
            Err(failure) if failure.is_missing() && self.meta(key).await?.is_some() => Ok(Put::Exists),
            Err(failure) => Err(failure.on_what(key.as_str())),
        }
    }
}

fn read_input(path: &Path, small: u64) -> Result<Input, StoreError> {
    let mut input = InputFile::open(path)?;
    let mut start = Vec::new();
    input.by_ref().take(small).read_to_end(&mut start).map_err(|error| input.error(error))?;
    if (start.len() as u64) < small {
        let (sha256, _) = input.finish()?;
        return Ok(Input::Small(Bytes::from(start), sha256));
    }
    drop(start);
    io::copy(&mut input, &mut io::sink()).map_err(|error| input.error(error))?;
    let (sha256, bytes) = input.finish()?;
    Ok(Input::Large(sha256, bytes))
}

fn next_part(mut input: InputFile, size: u64) -> Result<(InputFile, Bytes), StoreError> {
    let mut body = Vec::new();
    input.by_ref().take(size).read_to_end(&mut body).map_err(|error| input.error(error))?;
    Ok((input, Bytes::from(body)))
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(StoreError::Unavailable(error.into())),
    }
}
