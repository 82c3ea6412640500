//! Holding on to what is about to be used, so that no collection of garbage takes it away.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use quire_ports::{Listings, ObjectMeta, ObjectStore, Put, StoreError, StoredFile};
use quire_proto::{DocumentId, JobId, ObjectKey, Tenant, object_key::Pinned};
use tokio::time::{Instant, sleep};
use tracing::warn;

use super::{YOUNG, sweep::FLAG_COUNTS_FOR};

/// Time between two looks at a flag.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How often a document is stored that is gone right afterwards.
const ATTEMPTS: u32 = 5;

/// Uses what lies in the store. See the [module](super) for the order in which things happen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Holder<'a> {
    pub(crate) store: &'a dyn ObjectStore,
    pub(crate) tenant: &'a Tenant,
    /// Whether anybody collects garbage here.
    pub(crate) collected: bool,
}

impl Holder<'_> {
    /// Stores the bytes of a document, new or not.
    pub(crate) async fn store(&self, file: &Path) -> Result<StoredFile, StoreError> {
        let name = |digest| ObjectKey::source(self.tenant, DocumentId::from_digest(digest));
        let mut attempt = 1;
        loop {
            let stored = self.store.put_file(file, &name).await?;
            let stays = match stored.put {
                Put::Exists => self.document(DocumentId::from_digest(stored.sha256)).await?.is_some(),
                // A batch may have seen an old one in its place, which another has deleted since.
                Put::Created => {
                    !self.outlast_sweeps().await? || self.store.head(&stored.key).await?.is_some()
                }
            };
            if stays || attempt == ATTEMPTS {
                return Ok(stored);
            }
            attempt += 1;
        }
    }

    /// Size and age of a document that stays; `None` when it has to be sent.
    pub(crate) async fn document(&self, document: DocumentId) -> Result<Option<ObjectMeta>, StoreError> {
        let key = ObjectKey::source(self.tenant, document);
        let Some(found) = self.store.head(&key).await? else { return Ok(None) };
        let age = SystemTime::now().duration_since(found.modified).unwrap_or_default();
        if !self.collected || age < YOUNG {
            return Ok(Some(found));
        }
        self.pin(Pinned::Document(document)).await?;
        self.outlast_sweeps().await?;
        self.store.head(&key).await
    }

    /// Keeps everything that a job refers to, whose spec is there.
    pub(crate) async fn job(&self, job: JobId) -> Result<(), StoreError> {
        if self.collected {
            self.pin(Pinned::Job(job)).await?;
            self.outlast_sweeps().await?;
        }
        Ok(())
    }

    async fn pin(&self, pinned: Pinned) -> Result<(), StoreError> {
        let pin = ObjectKey::pin(self.tenant, pinned, fastrand::u64(..));
        self.store.put(&pin, Bytes::new()).await
    }

    /// Waits until the flags that are up are down; says whether there were any.
    async fn outlast_sweeps(&self) -> Result<bool, StoreError> {
        if !self.collected {
            return Ok(false);
        }
        let (prefix, mut any) = (ObjectKey::sweeps_prefix(self.tenant), false);
        let deadline = Instant::now() + FLAG_COUNTS_FOR;
        let mut flags = Listings::new(self.store, &prefix, None);
        while let Some(page) = flags.next().await? {
            for flag in page {
                any = true;
                self.outlast(&flag.key, deadline).await?;
            }
        }
        Ok(any)
    }

    async fn outlast(&self, flag: &ObjectKey, deadline: Instant) -> Result<(), StoreError> {
        while self.store.head(flag).await?.is_some() {
            if Instant::now() >= deadline {
                warn!(%flag, "a collection of garbage ended in the middle; its flag is removed");
                return self.store.delete(flag).await;
            }
            sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }
}
