//! Immutable objects by key, with exactly one creator.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::SystemTime,
};

use async_trait::async_trait;
use bytes::Bytes;
use quire_proto::ObjectKey;

use crate::Source;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such object.
    #[error("object {0} does not exist")]
    Missing(ObjectKey),
    /// Not now: the same call may succeed later. Back off and try again; no attempt is used up.
    ///
    /// A write may have happened nevertheless.
    #[error("object store is not available")]
    Unavailable(#[source] Source),
    /// Not ever with this configuration: permissions, no such bucket, a full or read-only disk.
    #[error("object store refused {what}")]
    Refused {
        /// What was attempted: the key, or the folder.
        what: String,
        /// The store's own error.
        source: Source,
    },
    /// The object is there but is not what was written.
    #[error("object {key} is corrupt")]
    Corrupt {
        /// The object.
        key: ObjectKey,
        /// What is wrong with it.
        source: Source,
    },
    /// The local file to be stored cannot be read.
    #[error("cannot read {path}")]
    Input {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// The local file changed while it was read, so its bytes belong to no single version of it.
    #[error("{path} changed while it was read")]
    InputChanged {
        /// The file.
        path: PathBuf,
    },
}

/// Whether a conditional write wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// This call created the object.
    Created,
    /// Another was there first, and stays.
    Exists,
}

/// A stored local file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Where it lies.
    pub key: ObjectKey,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Its size.
    pub bytes: u64,
    /// Whether it is new.
    pub put: Put,
}

/// What is known of an object without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectMeta {
    /// Its name.
    pub key: ObjectKey,
    /// Its size.
    pub bytes: u64,
    /// When it was written, by the clock of the store and to the second; now, where a store does not say.
    pub modified: SystemTime,
}

/// An upload that has not become an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// What it would become.
    pub key: ObjectKey,
    /// The store's name for it.
    pub id: String,
    /// When it was begun.
    pub begun: SystemTime,
}

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Objects in ascending order of their keys.
    pub objects: Vec<ObjectMeta>,
    /// Whether there are more after the last.
    pub more: bool,
}

/// An object as a local file, for a reader that wants a file descriptor.
///
/// The store's own file when the store is a filesystem (never write to it), else a copy that is removed on drop.
#[derive(Debug)]
pub struct LocalFile {
    path: PathBuf,
    temporary: bool,
}

impl LocalFile {
    /// A file that stays.
    pub fn lasting(path: PathBuf) -> Self {
        Self { path, temporary: false }
    }

    /// A file that is removed on drop.
    pub fn temporary(path: PathBuf) -> Self {
        Self { path, temporary: true }
    }

    /// Where it is, for as long as this value lives.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for LocalFile {
    fn drop(&mut self) {
        if self.temporary {
            // The folder is scratch: what cannot be removed now is removed at the next start.
            drop(std::fs::remove_file(&self.path));
        }
    }
}

/// Names the object for a file whose SHA-256 has become known.
pub type NameByDigest<'a> = &'a (dyn Fn([u8; 32]) -> ObjectKey + Send + Sync);

/// Immutable objects by key.
///
/// An object is either whole or absent: readers never see a part of one, and a
/// writer that dies leaves nothing that a reader could see.
#[async_trait]
pub trait ObjectStore: fmt::Debug + Send + Sync + 'static {
    /// The whole object.
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, StoreError>;

    /// The object as a local file; a store that is remote puts a copy into the folder `scratch`.
    async fn fetch(&self, key: &ObjectKey, scratch: &Path) -> Result<LocalFile, StoreError>;

    /// Writes the object, replacing what was there.
    async fn put(&self, key: &ObjectKey, body: Bytes) -> Result<(), StoreError>;

    /// Writes the object unless there is one; of any number of simultaneous callers exactly one creates it.
    async fn put_if_absent(&self, key: &ObjectKey, body: Bytes) -> Result<Put, StoreError>;

    /// Streams a local file into the store under a name made of its SHA-256, unless there is one.
    ///
    /// The file is hashed as it is read, its size and modification time are compared before and after, and
    /// nothing is stored when they differ.
    async fn put_file(&self, file: &Path, name: NameByDigest<'_>) -> Result<StoredFile, StoreError>;

    /// Size and age of the object; `None` when there is none.
    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError>;

    /// Up to `limit` objects whose keys begin with `prefix` (whole segments, ends with a slash; empty for all), after
    /// the key `after`.
    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Listing, StoreError>;

    /// Removes the object; nothing happens when there is none.
    async fn delete(&self, key: &ObjectKey) -> Result<(), StoreError>;

    /// Uploads below `prefix` that have not become objects, those of writers at work too; none where nothing of a
    /// writer that died stays.
    async fn unfinished(&self, _prefix: &str) -> Result<Vec<Unfinished>, StoreError> {
        Ok(Vec::new())
    }

    /// Removes what there is of an upload; its writer fails. Nothing happens when it has ended.
    async fn abandon(&self, _upload: &Unfinished) -> Result<(), StoreError> {
        Ok(())
    }
}
