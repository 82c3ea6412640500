//! Copies of documents on this machine's disk, up to a size.
//!
//! ```text
//!  store ─▶ incoming/… ─ hash is right ─▶ make room ─▶ {document id}
//! ```
//!
//! A file has its document's id for a name from the moment it is whole and
//! verified. Whoever reads one holds a shared lock on it, and only what nobody
//! holds is removed, the longest unused first, so workers may share the folder.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use quire_ports::{InputFile, LocalFile, ObjectStore, StoreError};
use quire_proto::{DocumentId, RangeJob};
use tokio::task::spawn_blocking;

/// Age after which an unfinished copy belongs to a worker that died.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// A folder of documents. Cloning shares it.
#[derive(Clone, Debug)]
pub struct DocumentCache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    incoming: PathBuf,
    limit: u64,
}

/// The bytes that came are not those that the name promises.
#[derive(Debug, thiserror::Error)]
#[error("its sha-256 is {0}")]
struct WrongHash(DocumentId);

impl DocumentCache {
    /// A cache of `limit` bytes in `folder`, with what is there already.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: PathBuf, limit: u64) -> io::Result<Self> {
        let incoming = folder.join("incoming");
        fs::create_dir_all(&incoming)?;
        for abandoned in files(&incoming)?.into_iter().filter(|file| file.is_older_than(ABANDONED_AFTER)) {
            remove(&abandoned.path)?;
        }
        Ok(Self(Arc::new(Inner { folder, incoming, limit })))
    }

    /// The document of `job`, from the folder or else from `store`. It stays while the file is open.
    pub(super) async fn get(&self, store: &dyn ObjectStore, job: &RangeJob) -> Result<File, StoreError> {
        let place = self.0.folder.join(job.document.to_string());
        if let Some(file) = hold(&place) {
            return Ok(file);
        }
        let copy = store.fetch(&job.source_key(), &self.0.incoming).await?;
        let (inner, document, key) = (self.0.clone(), job.document, job.source_key());
        let taken = spawn_blocking(move || inner.take_in(&copy, document, &place)).await;
        match taken {
            Ok(Ok(Ok(file))) => Ok(file),
            Ok(Ok(Err(wrong))) => Err(StoreError::Corrupt { key, source: wrong.into() }),
            // A full disk here is no fault of the document.
            Ok(Err(disk)) => Err(StoreError::Unavailable(disk.into())),
            Err(panic) => Err(StoreError::Unavailable(panic.into())),
        }
    }
}

impl Inner {
    /// Gives a copy its name, if it is what the name says.
    fn take_in(
        &self,
        copy: &LocalFile,
        document: DocumentId,
        place: &Path,
    ) -> io::Result<Result<File, WrongHash>> {
        let (actual, bytes) = hash(copy.path())?;
        if actual != document {
            return Ok(Err(WrongHash(actual)));
        }
        let file = File::open(copy.path())?;
        // Not all file systems have locks; without one, another worker may fetch the document once more.
        drop(file.lock_shared());
        file.sync_all()?;
        self.make_room(bytes)?;
        fs::rename(copy.path(), place)?;
        Ok(Ok(file))
    }

    /// Removes what was not used for longest until `bytes` more fit, or nothing is left that nobody reads.
    fn make_room(&self, bytes: u64) -> io::Result<()> {
        let mut files = files(&self.folder)?;
        files.sort_by_key(|file| file.used);
        let mut total = bytes + files.iter().map(|file| file.bytes).sum::<u64>();
        for file in files {
            if total <= self.limit {
                break;
            }
            if !is_held(&file.path) {
                remove(&file.path)?;
                total -= file.bytes;
            }
        }
        Ok(())
    }
}

/// Opens a document that is there and notes that it was used.
fn hold(place: &Path) -> Option<File> {
    let file = File::open(place).ok()?;
    match file.try_lock_shared() {
        // It is about to be removed.
        Err(TryLockError::WouldBlock) => None,
        Ok(()) | Err(TryLockError::Error(_)) => {
            // The time decides only who leaves first.
            drop(file.set_modified(SystemTime::now()));
            Some(file)
        }
    }
}

fn is_held(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

fn hash(path: &Path) -> io::Result<(DocumentId, u64)> {
    let mut input = InputFile::open(path).map_err(io::Error::other)?;
    io::copy(&mut input, &mut io::sink())?;
    let (sha256, bytes) = input.finish().map_err(io::Error::other)?;
    Ok((DocumentId::from_digest(sha256), bytes))
}

struct Stored {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
}

impl Stored {
    fn is_older_than(&self, age: Duration) -> bool {
        self.used.elapsed().is_ok_and(|unused| unused > age)
    }
}

/// Files of a folder; one that goes meanwhile is not there.
fn files(folder: &Path) -> io::Result<Vec<Stored>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if let Ok(metadata) = fs::metadata(&path)
            && metadata.is_file()
        {
            files.push(Stored { path, bytes: metadata.len(), used: metadata.modified()? });
        }
    }
    Ok(files)
}

/// Another worker may have removed it first.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use bytes::Bytes;
    use quire_adapters::InMemoryObjectStore;
    use quire_proto::{
        JobId, PageNumber, PageRange, Priority, Profile, Tenant, job::RANGE_JOB_SCHEMA,
        profile::ProcessingOptions,
    };

    use super::*;

    fn job(document: DocumentId) -> RangeJob {
        RangeJob {
            schema: RANGE_JOB_SCHEMA,
            tenant: Tenant::local(),
            job: JobId::of(b"job"),
            document,
            profile: Profile::default().id(),
            options: ProcessingOptions::default(),
            range: PageRange::single(PageNumber::FIRST),
            epoch: 0,
            attempt: 1,
            priority: Priority::Low,
            trace: Default::default(),
        }
    }

    async fn stored(store: &InMemoryObjectStore, body: &'static [u8]) -> RangeJob {
        let job = job(DocumentId::of(body));
        store.put(&job.source_key(), Bytes::from_static(body)).await.unwrap();
        job
    }

    fn names(folder: &Path) -> Vec<String> {
        let name = |file: Stored| file.path.file_name().unwrap().to_string_lossy().into_owned();
        files(folder).unwrap().into_iter().map(name).collect()
    }

    #[tokio::test]
    async fn a_document_is_fetched_once_and_survives_a_restart() {
        let (store, folder) = (InMemoryObjectStore::new(), tempfile::tempdir().unwrap());
        let job = stored(&store, b"ten bytes.").await;
        let cache = DocumentCache::open(folder.path().to_owned(), 100).unwrap();
        cache.get(&store, &job).await.unwrap();

        store.delete(&job.source_key()).await.unwrap();
        let restarted = DocumentCache::open(folder.path().to_owned(), 100).unwrap();
        let mut text = String::new();
        restarted.get(&store, &job).await.unwrap().read_to_string(&mut text).unwrap();

        assert_eq!(text, "ten bytes.");
        assert!(names(&folder.path().join("incoming")).is_empty());
    }

    #[tokio::test]
    async fn the_longest_unused_leaves_first_and_one_in_use_never() {
        let (store, folder) = (InMemoryObjectStore::new(), tempfile::tempdir().unwrap());
        let cache = DocumentCache::open(folder.path().to_owned(), 25).unwrap();
        let (a, b, c) = (
            stored(&store, b"aaaaaaaaaa").await,
            stored(&store, b"bbbbbbbbbb").await,
            stored(&store, b"cccccccccc").await,
        );
        let held = cache.get(&store, &a).await.unwrap();
        drop(cache.get(&store, &b).await.unwrap());

        drop(cache.get(&store, &c).await.unwrap());

        let mut left = names(folder.path());
        left.sort();
        let mut expected = [a.document.to_string(), c.document.to_string()];
        expected.sort();
        assert_eq!(left, expected, "a is older than b but in use");
        drop(held);
    }

    #[tokio::test]
    async fn bytes_that_are_not_the_document_are_not_taken_in() {
        let (store, folder) = (InMemoryObjectStore::new(), tempfile::tempdir().unwrap());
        let cache = DocumentCache::open(folder.path().to_owned(), 100).unwrap();
        let job = job(DocumentId::of(b"one thing"));
        store.put(&job.source_key(), Bytes::from_static(b"another")).await.unwrap();

        let refused = cache.get(&store, &job).await;

        assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
        assert!(names(folder.path()).is_empty() && names(&folder.path().join("incoming")).is_empty());
    }
}
