//! The store itself.

use std::{
    path::Path,
    sync::atomic::AtomicBool,
    time::{Duration, SystemTime},
};

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    operation::put_object::builders::PutObjectFluentBuilder,
    primitives::{ByteStream, DateTime},
};
use bytes::Bytes;
use quire_ports::{
    Listing, LocalFile, ObjectMeta, ObjectStore, Put, StoreError, StoredFile, Unfinished,
    object_store::NameByDigest,
};
use quire_proto::ObjectKey;

use super::{S3Config, client, error::Failure, probe::Conditions};
use crate::ConnectError;

/// How often a creator that met another one tries again.
const CONFLICTS: u32 = 8;

const CONFLICT_PAUSE: Duration = Duration::from_millis(100);

/// Most objects that S3 lists at once.
const LISTED_AT_ONCE: usize = 1000;

/// Objects of one bucket.
#[derive(Debug)]
pub struct S3ObjectStore {
    pub(super) client: Client,
    pub(super) config: S3Config,
    pub(super) ignores_conditions: AtomicBool,
}

impl S3ObjectStore {
    /// Connects, and sees that the bucket is there.
    pub async fn connect(config: S3Config) -> Result<Self, ConnectError> {
        let client = client::connect(&config).await?;
        Ok(Self { client, config, ignores_conditions: AtomicBool::new(false) })
    }

    /// The name that the server knows.
    pub(super) fn path(&self, key: &str) -> String {
        match self.config.prefix.trim_matches('/') {
            "" => key.to_owned(),
            prefix => format!("{prefix}/{key}"),
        }
    }

    pub(super) fn put_request(&self, key: &ObjectKey, body: Bytes) -> PutObjectFluentBuilder {
        let request = self.client.put_object().bucket(&self.config.bucket).key(self.path(key.as_str()));
        request.body(ByteStream::from(body))
    }

    pub(super) async fn create(&self, key: &ObjectKey, body: Bytes) -> Result<Put, StoreError> {
        if self.conditions() == Conditions::Ignored {
            return self.look_and_put(key, body).await;
        }
        let mut conflicts = 0;
        loop {
            match self.put_conditional(key, body.clone()).await {
                Err(failure) if failure.is_conflict() && conflicts < CONFLICTS => {
                    conflicts += 1;
                    tokio::time::sleep(CONFLICT_PAUSE.mul_f64(0.5 + fastrand::f64())).await;
                }
                put => return put.map_err(|failure| failure.on_what(key.as_str())),
            }
        }
    }

    /// The best that can be done where conditions are ignored: two at the same moment may both write.
    async fn look_and_put(&self, key: &ObjectKey, body: Bytes) -> Result<Put, StoreError> {
        if self.meta(key).await?.is_some() {
            return Ok(Put::Exists);
        }
        self.put(key, body).await.map(|()| Put::Created)
    }

    pub(super) async fn meta(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError> {
        let request = self.client.head_object().bucket(&self.config.bucket).key(self.path(key.as_str()));
        match request.send().await.map_err(Failure::from) {
            Ok(object) => Ok(Some(ObjectMeta {
                key: key.clone(),
                bytes: bytes(object.content_length()),
                modified: moment(object.last_modified()),
            })),
            Err(failure) if failure.is_missing() => Ok(None),
            Err(failure) => Err(failure.on_what(key.as_str())),
        }
    }

    pub(super) async fn remove(&self, key: &ObjectKey) -> Result<(), StoreError> {
        let request = self.client.delete_object().bucket(&self.config.bucket).key(self.path(key.as_str()));
        match request.send().await.map_err(Failure::from) {
            Ok(_) => Ok(()),
            Err(failure) if failure.is_missing() => Ok(()),
            Err(failure) => Err(failure.on_what(key.as_str())),
        }
    }
}

pub(super) fn bytes(length: Option<i64>) -> u64 {
    length.and_then(|length| u64::try_from(length).ok()).unwrap_or_default()
}

/// When this was; now, when it is not known.
pub(super) fn moment(time: Option<&DateTime>) -> SystemTime {
    // To the second, as in answers about a single object.
    let seconds = time.and_then(|time| u64::try_from(time.secs()).ok());
    seconds.map_or_else(SystemTime::now, |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

#[async_trait]
impl ObjectStore for S3ObjectStore {
    async fn get(&self, key: &ObjectKey) -> Result<Bytes, StoreError> {
        self.read(key).await
    }

    async fn fetch(&self, key: &ObjectKey, scratch: &Path) -> Result<LocalFile, StoreError> {
        self.read_file(key, scratch).await
    }

    async fn put(&self, key: &ObjectKey, body: Bytes) -> Result<(), StoreError> {
        let put = self.put_request(key, body).send().await;
        put.map(drop).map_err(|error| Failure::from(error).on_what(key.as_str()))
    }

    async fn put_if_absent(&self, key: &ObjectKey, body: Bytes) -> Result<Put, StoreError> {
        self.create(key, body).await
    }

    async fn put_file(&self, file: &Path, name: NameByDigest<'_>) -> Result<StoredFile, StoreError> {
        self.store_file(file, name).await
    }

    async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectMeta>, StoreError> {
        self.meta(key).await
    }

    async fn list(
        &self,
        prefix: &str,
        after: Option<&ObjectKey>,
        limit: usize,
    ) -> Result<Listing, StoreError> {
        let (folder, root) = (self.path(prefix), self.path("").len());
        let mut after = after.map(|key| self.path(key.as_str()));
        let mut listing = Listing { objects: Vec::new(), more: true };
        while listing.more && listing.objects.len() < limit {
            let wanted = (limit - listing.objects.len()).min(LISTED_AT_ONCE);
            let request = self.client.list_objects_v2().bucket(&self.config.bucket).prefix(&folder);
            let request = request.set_start_after(after.clone()).max_keys(i32::try_from(wanted).unwrap_or(1));
            let page = request.send().await.map_err(|error| Failure::from(error).on_what(prefix))?;
            let found = page.contents();
            // What is not a key of ours was put there by somebody else.
            listing.objects.extend(found.iter().filter_map(|object| {
                let key = object.key()?.get(root..)?.parse().ok()?;
                Some(ObjectMeta {
                    key,
                    bytes: bytes(object.size()),
                    modified: moment(object.last_modified()),
                })
            }));
            listing.more = page.is_truncated().unwrap_or_default() && !found.is_empty();
            after = found.last().and_then(|object| object.key()).map(str::to_owned);
        }
        Ok(listing)
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), StoreError> {
        self.remove(key).await
    }

    async fn unfinished(&self, prefix: &str) -> Result<Vec<Unfinished>, StoreError> {
        self.pending_uploads(prefix).await
    }

    async fn abandon(&self, upload: &Unfinished) -> Result<(), StoreError> {
        self.abort(upload).await
    }
}
