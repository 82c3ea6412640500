//! A store in memory.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    ops::Bound,
    path::Path,
    sync::Mutex,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use bytes::Bytes;
use quire_ports::{
    InputFile, Listing, LocalFile, ObjectMeta, ObjectStore, Put, StoreError, StoredFile,
    object_store::NameByDigest,
};
use quire_proto::ObjectKey;

use super::lock;

/// Objects in a map.
#[derive(Debug, Default)]
pub struct InMemoryObjectStore {
    objects: Mutex<BTreeMap<ObjectKey, Object>>,
}

#[derive(Clone, Debug)]
struct Object {
    body: Bytes,
    modified: SystemTime,
}

impl Object {
    fn new(body: Bytes) -> Self {
        Self { body, modified: SystemTime::now() }
    }

    fn meta(&self, key: &ObjectKey) -> ObjectMeta {
        ObjectMeta { key: key.clone(), bytes: self.body.len() as u64, modified: self.modified }
    }
}

impl InMemoryObjectStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes everything that is here older, as if time had passed.
    pub fn age(&self, by: Duration) {
        lock(&self.objects).values_mut().for_each(|object| object.modified -= by);
    }

    fn create(&self, key: &ObjectKey, body: Bytes) -> Put {
        let mut objects = lock(&self.objects);
        if objects.contains_key(key) {
            return Put::Exists;
        }
        objects.insert(key.clone(), Object::new(body));
        Put::Created
    }
}

#[async_trait]
impl ObjectStore for InMemoryObjectStore {
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, StoreError> {
        lock(&self.objects)
            .get(key)
            .map(|object| object.body.clone())
            .ok_or_else(|| StoreError::Missing(key.clone()))
    }

    async fn fetch(&self, key: &ObjectKey, scratch: &Path) -> Result<LocalFile, StoreError> {
        let body = self.get(key).await?;
        let refused = |source| StoreError::Refused { what: scratch.display().to_string(), source };
        let mut file = tempfile::NamedTempFile::new_in(scratch).map_err(|error| refused(error.into()))?;
        file.write_all(&body).map_err(|error| refused(error.into()))?;
        let (_, path) = file.keep().map_err(|error| refused(error.into()))?;
        Ok(LocalFile::temporary(path))
    }

    async fn put(&self, key: &ObjectKey, body: Bytes) -> Result<(), StoreError> {
        lock(&self.objects).insert(key.clone(), Object::new(body));
        Ok(())
    }

    async fn put_if_absent(&self, key: &ObjectKey, body: Bytes) -> Result<Put, StoreError> {
        Ok(self.create(key, body))
    }

    async fn put_file(&self, file: &Path, name: NameByDigest<'_>) -> Result<StoredFile, StoreError> {
        let mut input = InputFile::open(file)?;
        let mut body = Vec::new();
        input.read_to_end(&mut body).map_err(|error| input.error(error))?;
        let (sha256, bytes) = input.finish()?;
        let key = name(sha256);
        let put = self.create(&key, Bytes::from(body));
        Ok(StoredFile { key, sha256, bytes, put })
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError> {
        Ok(lock(&self.objects).get(key).map(|object| object.meta(key)))
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Listing, StoreError> {
        let objects = lock(&self.objects);
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut matching = objects
            .range((start, Bound::Unbounded))
            .filter(|(key, _)| key.as_str().starts_with(prefix))
            .map(|(key, object)| object.meta(key));
        let page = matching.by_ref().take(limit).collect();
        Ok(Listing { objects: page, more: matching.next().is_some() })
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StoreError> {
        lock(&self.objects).remove(key);
        Ok(())
    }
}
