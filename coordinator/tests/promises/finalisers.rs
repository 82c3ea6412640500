//! Two coordinators at the end of one job that do not agree on what was done.

use std::{path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use quire_adapters::InMemoryObjectStore;
use quire_ports::{
    Listing, LocalFile, ObjectMeta, ObjectStore, Put, StoreError, StoredFile, object_store::NameByDigest,
};
use quire_proto::{ObjectKey, Tenant, manifest::Manifest};
use tokio::sync::watch;

use crate::support::{Act, World};

/// Keeps the manifest back until it is let go, as a slow network does.
#[derive(Debug)]
struct SlowManifest {
    inner: Arc<InMemoryObjectStore>,
    manifest: ObjectKey,
    held: watch::Sender<Option<Bytes>>,
    let_go: watch::Receiver<bool>,
}

#[async_trait]
impl ObjectStore for SlowManifest {
    async fn put_if_absent(&self, key: &ObjectKey, body: Bytes) -> Result<Put, StoreError> {
        if *key == self.manifest {
            self.held.send_replace(Some(body.clone()));
            drop(self.let_go.clone().wait_for(|let_go| *let_go).await);
        }
        self.inner.put_if_absent(key, body).await
    }

    async fn put(&self, key: &ObjectKey, body: Bytes) -> Result<(), StoreError> {
        if *key == self.manifest {
            self.held.send_replace(Some(body.clone()));
            drop(self.let_go.clone().wait_for(|let_go| *let_go).await);
        }
        self.inner.put(key, body).await
    }

    async fn get(&self, key: &ObjectKey) -> Result<Bytes, StoreError> {
        self.inner.get(key).await
    }

    async fn fetch(&self, key: &ObjectKey, scratch: &Path) -> Result<LocalFile, StoreError> {
        self.inner.fetch(key, scratch).await
    }

    async fn put_file(&self, file: &Path, name: NameByDigest<'_>) -> Result<StoredFile, StoreError> {
        self.inner.put_file(file, name).await
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError> {
        self.inner.head(key).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Listing, StoreError> {
        self.inner.list(prefix, after, limit).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StoreError> {
        self.inner.delete(key).await
    }
}

#[tokio::test(start_paused = true)]
async fn finalisers_that_disagree_tell_the_manifest_that_was_first() -> anyhow::Result<()> {
    let truth = Arc::new(InMemoryObjectStore::new());
    let prompt = World::over(truth.clone(), truth.clone())?;
    let job = prompt.submit(&["pages 40 a"]).await?;
    let key = ObjectKey::job_manifest(&Tenant::local(), job);
    let (held, mut kept_back) = watch::channel(None);
    let (release, let_go) = watch::channel(false);
    let store = SlowManifest { inner: truth.clone(), manifest: key.clone(), held, let_go };
    let slow = World::over(truth.clone(), Arc::new(store))?;
    let others = async {
        // The job is cancelled before any page is done: so says the manifest of the slow one.
        while slow.queue.is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        slow.coordinator().cancel(&Tenant::local(), job).await?;
        let late: Manifest =
            serde_json::from_slice(&kept_back.wait_for(Option::is_some).await?.clone().unwrap_or_default())?;
        // Pages that were on their way are done meanwhile, and the prompt one sees them.
        let _worker = slow.worker(|_| Act::Work);
        tokio::time::sleep(Duration::from_secs(5)).await;
        let first = prompt.finish(job).await?;
        release.send_replace(true);
        anyhow::Ok((first, late))
    };

    let (last, others) = tokio::join!(slow.finish(job), others);

    let (first, late) = others?;
    assert_ne!(first.ledger, late.ledger, "they would agree");
    assert_eq!(last?, first);
    assert_eq!(serde_json::from_slice::<Manifest>(&truth.get(&key).await?)?, first);
    Ok(())
}
