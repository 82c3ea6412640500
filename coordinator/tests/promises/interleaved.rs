//! A store whose calls take as long as a test wants.

use std::{path::Path, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use quire_adapters::InMemoryObjectStore;
use quire_ports::{
    Listing, LocalFile, ObjectMeta, ObjectStore, Put, StoreError, StoredFile, object_store::NameByDigest,
};
use quire_proto::ObjectKey;

/// What is waited for before a call and after it: the name of the call and the key or prefix that it is about.
pub(crate) type Wait = Box<dyn Fn(&str, &str) -> BoxFuture<'static, ()> + Send + Sync>;

/// Waits before each call and after it.
pub(crate) struct Interleaved {
    pub(crate) inner: Arc<InMemoryObjectStore>,
    pub(crate) wait: Wait,
}

impl std::fmt::Debug for Interleaved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Interleaved")
    }
}

impl Interleaved {
    async fn around<T>(&self, call: &str, about: &str, work: impl Future<Output = T>) -> T {
        (self.wait)(call, about).await;
        let done = work.await;
        (self.wait)("after", about).await;
        done
    }
}

#[async_trait]
impl ObjectStore for Interleaved {
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, StoreError> {
        self.around("get", key.as_str(), self.inner.get(key)).await
    }

    async fn fetch(&self, key: &ObjectKey, scratch: &Path) -> Result<LocalFile, StoreError> {
        self.around("fetch", key.as_str(), self.inner.fetch(key, scratch)).await
    }

    async fn put(&self, key: &ObjectKey, body: Bytes) -> Result<(), StoreError> {
        self.around("put", key.as_str(), self.inner.put(key, body)).await
    }

    async fn put_if_absent(&self, key: &ObjectKey, body: Bytes) -> Result<Put, StoreError> {
        self.around("put", key.as_str(), self.inner.put_if_absent(key, body)).await
    }

    async fn put_file(&self, file: &Path, name: NameByDigest<'_>) -> Result<StoredFile, StoreError> {
        self.around("put", "", self.inner.put_file(file, name)).await
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError> {
        self.around("head", key.as_str(), self.inner.head(key)).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Listing, StoreError> {
        self.around("list", prefix, self.inner.list(prefix, after, limit)).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StoreError> {
        self.around("delete", key.as_str(), self.inner.delete(key)).await
    }
}
