//! A store that sometimes fails, and sometimes fails after it has done what was asked.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use quire_ports::{
    Listing, LocalFile, ObjectMeta, ObjectStore, Put, StoreError, StoredFile, Unfinished,
    object_store::NameByDigest,
};
use quire_proto::ObjectKey;

/// How often a call goes wrong, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// The call fails and nothing happens.
    pub refused: f64,
    /// A write happens, but the reply is lost.
    pub reply_lost: f64,
    /// A read returns the object cut short.
    pub truncated: f64,
}

/// An [`ObjectStore`] with faults.
#[derive(Debug)]
pub struct FaultyStore {
    inner: Arc<dyn ObjectStore>,
    faults: Faults,
    random: Mutex<fastrand::Rng>,
}

impl FaultyStore {
    /// Wraps `inner`; equal seeds and calls give equal faults.
    pub fn new(inner: Arc<dyn ObjectStore>, faults: Faults, seed: u64) -> Self {
        Self { inner, faults, random: Mutex::new(fastrand::Rng::with_seed(seed)) }
    }

    fn strikes(&self, rate: f64) -> bool {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).f64() < rate
    }

    fn before(&self) -> Result<(), StoreError> {
        if self.strikes(self.faults.refused) { Err(unavailable("injected fault")) } else { Ok(()) }
    }

    fn after<T>(&self, reply: T) -> Result<T, StoreError> {
        if self.strikes(self.faults.reply_lost) {
            Err(unavailable("injected loss of reply"))
        } else {
            Ok(reply)
        }
    }
}

fn unavailable(why: &str) -> StoreError {
    StoreError::Unavailable(why.into())
}

#[async_trait]
impl ObjectStore for FaultyStore {
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, StoreError> {
        self.before()?;
        let body = self.inner.get(key).await?;
        if self.strikes(self.faults.truncated) { Ok(body.slice(..body.len() / 2)) } else { Ok(body) }
    }

    async fn fetch(&self, key: &ObjectKey, scratch: &Path) -> Result<LocalFile, StoreError> {
        self.before()?;
        self.inner.fetch(key, scratch).await
    }

    async fn put(&self, key: &ObjectKey, body: Bytes) -> Result<(), StoreError> {
        self.before()?;
        self.inner.put(key, body).await?;
        self.after(())
    }

    async fn put_if_absent(&self, key: &ObjectKey, body: Bytes) -> Result<Put, StoreError> {
        self.before()?;
        let put = self.inner.put_if_absent(key, body).await?;
        self.after(put)
    }

    async fn put_file(&self, file: &Path, name: NameByDigest<'_>) -> Result<StoredFile, StoreError> {
        self.before()?;
        let stored = self.inner.put_file(file, name).await?;
        self.after(stored)
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError> {
        self.before()?;
        self.inner.head(key).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Listing, StoreError> {
        self.before()?;
        self.inner.list(prefix, after, limit).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StoreError> {
        self.before()?;
        self.inner.delete(key).await?;
        self.after(())
    }

    async fn unfinished(&self, prefix: &str) -> Result<Vec<Unfinished>, StoreError> {
        self.before()?;
        self.inner.unfinished(prefix).await
    }

    async fn abandon(&self, upload: &Unfinished) -> Result<(), StoreError> {
        self.before()?;
        self.inner.abandon(upload).await?;
        self.after(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InMemoryObjectStore;

    #[tokio::test]
    async fn a_lost_reply_leaves_the_object() {
        let inner = Arc::new(InMemoryObjectStore::new());
        let store = FaultyStore::new(inner.clone(), Faults { reply_lost: 1.0, ..Faults::default() }, 1);
        let key: ObjectKey = "t/x".parse().unwrap();

        let reply = store.put_if_absent(&key, Bytes::from_static(b"x")).await;

        assert!(matches!(reply, Err(StoreError::Unavailable(_))));
        assert_eq!(inner.get(&key).await.unwrap(), "x");
    }
}
