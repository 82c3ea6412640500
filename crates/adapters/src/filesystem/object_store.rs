//! The store itself: write beside, sync, link.
//!
//! ```text
//!  body ──▶ .staging/{process}/{random} ──sync──▶ link to its key ──▶ sync the folder
//! ```
//!
//! A link cannot replace, so of many creators exactly one wins, and no reader
//! sees half an object. One process may die at any point without a trace in the keys.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use quire_ports::{
    InputFile, Listing, LocalFile, ObjectMeta, ObjectStore, Put, StoreError, StoredFile,
    object_store::NameByDigest,
};
use quire_proto::ObjectKey;
use tempfile::NamedTempFile;

use super::{
    error::{classify, classify_at},
    list::{list, meta},
    staging::Staging,
};

/// Objects as files under a root folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct FilesystemObjectStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    staging: Staging,
}

impl FilesystemObjectStore {
    /// Opens or makes the store under `root`, and removes what killed writers left there.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        let staging =
            Staging::open(&root).map_err(|error| classify_at(&root.display().to_string(), error))?;
        Ok(Self { inner: Arc::new(Inner { root, staging }) })
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = self.inner.clone();
        match tokio::task::spawn_blocking(move || work(&inner)).await {
            Ok(result) => result,
            Err(error) => Err(StoreError::Unavailable(error.into())),
        }
    }
}

impl Inner {
    fn path(&self, key: &ObjectKey) -> PathBuf {
        self.root.join(key.as_str())
    }

    fn staged(&self, body: &[u8]) -> io::Result<NamedTempFile> {
        let mut file = self.staging.file()?;
        file.write_all(body)?;
        file.as_file().sync_all()?;
        Ok(file)
    }

    fn replace(&self, key: &ObjectKey, body: &[u8]) -> io::Result<()> {
        let file = self.staged(body)?;
        let folder = self.folder_of(key)?;
        file.persist(self.path(key)).map_err(|error| error.error)?;
        sync_folder(&folder)
    }

    fn create(&self, key: &ObjectKey, file: NamedTempFile) -> io::Result<Put> {
        let folder = self.folder_of(key)?;
        match link(file.path(), &self.path(key)) {
            Ok(()) => sync_folder(&folder).map(|()| Put::Created),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Put::Exists),
            Err(error) => Err(error),
        }
    }

    fn folder_of(&self, key: &ObjectKey) -> io::Result<PathBuf> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        Ok(folder.to_owned())
    }

    /// Copies a local file into staging, hashing it on the way.
    fn stage_file(&self, path: &Path) -> Result<(NamedTempFile, [u8; 32], u64), StoreError> {
        let written = |error| classify_at(&format!("a copy of {}", path.display()), error);
        let mut input = InputFile::open(path)?;
        let mut file = self.staging.file().map_err(written)?;
        io::copy(&mut input, &mut file).map_err(written)?;
        let (sha256, bytes) = input.finish()?;
        file.as_file().sync_all().map_err(written)?;
        Ok((file, sha256, bytes))
    }
}

/// Links `file` to `target` if that is free; some network filesystems have no links, but all can rename.
fn link(file: &Path, target: &Path) -> io::Result<()> {
    match fs::hard_link(file, target) {
        Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported) => {
            use rustix::fs::{CWD, RenameFlags, renameat_with};
            Ok(renameat_with(CWD, file, CWD, target, RenameFlags::NOREPLACE)?)
        }
        result => result,
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[async_trait]
impl ObjectStore for FilesystemObjectStore {
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, StoreError> {
        let key = key.clone();
        self.blocking(move |inner| {
            fs::read(inner.path(&key)).map(Bytes::from).map_err(|error| classify(&key, error))
        })
        .await
    }

    async fn fetch(&self, key: &ObjectKey, _scratch: &Path) -> Result<LocalFile, StoreError> {
        match self.head(key).await? {
            Some(_) => Ok(LocalFile::lasting(self.inner.path(key))),
            None => Err(StoreError::Missing(key.clone())),
        }
    }

    async fn put(&self, key: &ObjectKey, body: Bytes) -> Result<(), StoreError> {
        let key = key.clone();
        self.blocking(move |inner| {
            inner.replace(&key, &body).map_err(|error| classify_at(key.as_str(), error))
        })
        .await
    }

    async fn put_if_absent(&self, key: &ObjectKey, body: Bytes) -> Result<Put, StoreError> {
        let key = key.clone();
        self.blocking(move |inner| {
            let created = inner.staged(&body).and_then(|file| inner.create(&key, file));
            created.map_err(|error| classify_at(key.as_str(), error))
        })
        .await
    }

    async fn put_file(&self, file: &Path, name: NameByDigest<'_>) -> Result<StoredFile, StoreError> {
        let path = file.to_owned();
        let (staged, sha256, bytes) = self.blocking(move |inner| inner.stage_file(&path)).await?;
        let key = name(sha256);
        let target = key.clone();
        let put = self
            .blocking(move |inner| {
                inner.create(&target, staged).map_err(|error| classify_at(target.as_str(), error))
            })
            .await?;
        Ok(StoredFile { key, sha256, bytes, put })
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError> {
        let key = key.clone();
        self.blocking(move |inner| match fs::metadata(inner.path(&key)) {
            Ok(metadata) if metadata.is_file() => Ok(Some(meta(key, &metadata))),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(classify(&key, error)),
        })
        .await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Listing, StoreError> {
        let (prefix, after) = (prefix.to_owned(), after.cloned());
        self.blocking(move |inner| {
            list(&inner.root, &prefix, after.as_ref(), limit).map_err(|error| classify_at(&prefix, error))
        })
        .await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StoreError> {
        let key = key.clone();
        self.blocking(move |inner| match fs::remove_file(inner.path(&key)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(classify(&key, error)),
            _ => Ok(()),
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_leftovers_of_a_killed_writer_are_removed_and_those_of_a_living_one_stay() {
        let root = tempfile::tempdir().unwrap();
        let living = FilesystemObjectStore::open(root.path()).unwrap();
        let in_flight = living.inner.staged(b"half").unwrap();
        let dead = root.path().join(".staging/dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("lock"), b"").unwrap();
        fs::write(dead.join("half"), b"half").unwrap();

        let _second = FilesystemObjectStore::open(root.path()).unwrap();

        assert!(!dead.exists());
        assert!(in_flight.path().exists());
    }

    #[tokio::test]
    async fn a_closed_store_leaves_nothing_behind_but_objects() {
        let root = tempfile::tempdir().unwrap();
        let store = FilesystemObjectStore::open(root.path()).unwrap();
        let key: ObjectKey = "t/x".parse().unwrap();
        store.put_if_absent(&key, Bytes::from_static(b"1")).await.unwrap();
        store.put_if_absent(&key, Bytes::from_static(b"2")).await.unwrap();

        drop(store);

        let staging: Vec<_> = fs::read_dir(root.path().join(".staging")).unwrap().flatten().collect();
        assert_eq!(staging.len(), 1, "{staging:?}: only the gate stays");
    }

    #[tokio::test]
    async fn an_unwritable_root_is_refused_by_name() {
        let root = tempfile::NamedTempFile::new().unwrap();

        let refused = FilesystemObjectStore::open(root.path());

        assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
    }
}
