//! An upload in parts that is not an object yet.
//!
//! One invariant: whoever stops in the middle, by an error or because nobody waits any more, leaves no parts behind
//! that are paid for and never seen.

use aws_sdk_s3::Client;
use quire_ports::{StoreError, Unfinished};
use tokio::runtime::Handle;

use super::{S3ObjectStore, error::Failure, object_store::moment};

/// An upload that was begun; dropping it aborts it, unless it has become an object.
pub(super) struct PendingUpload {
    client: Client,
    bucket: String,
    path: String,
    id: String,
    completed: bool,
}

impl PendingUpload {
    pub(super) async fn begin(client: &Client, bucket: &str, path: String) -> Result<Self, Failure> {
        let begun = client.create_multipart_upload().bucket(bucket).key(&path).send().await?;
        let id = begun.upload_id().unwrap_or_default().to_owned();
        Ok(Self { client: client.clone(), bucket: bucket.to_owned(), path, id, completed: false })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// It is an object now.
    pub(super) fn completed(mut self) {
        self.completed = true;
    }
}

impl Drop for PendingUpload {
    fn drop(&mut self) {
        if self.completed {
            return;
        }
        let abort = self.client.abort_multipart_upload();
        let abort = abort.bucket(&self.bucket).key(&self.path).upload_id(&self.id);
        // Nobody waits here. What stays nevertheless is garbage, and found as such.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(abort.send());
        }
    }
}

impl S3ObjectStore {
    /// What stays of uploads whose process was killed, and those that go on at this moment.
    pub(super) async fn pending_uploads(&self, prefix: &str) -> Result<Vec<Unfinished>, StoreError> {
        let root = self.path("").len();
        let (mut found, mut key, mut id) = (Vec::new(), None, None);
        loop {
            let request = self.client.list_multipart_uploads().bucket(&self.config.bucket);
            let request = request.prefix(self.path(prefix)).set_key_marker(key).set_upload_id_marker(id);
            let page = request.send().await.map_err(|error| Failure::from(error).on_what(prefix))?;
            found.extend(page.uploads().iter().filter_map(|upload| {
                let (key, id) = (upload.key()?.get(root..)?.parse().ok()?, upload.upload_id()?.to_owned());
                Some(Unfinished { key, id, begun: moment(upload.initiated()) })
            }));
            key = page.next_key_marker().map(str::to_owned);
            id = page.next_upload_id_marker().map(str::to_owned);
            if !page.is_truncated().unwrap_or_default() || key.is_none() {
                return Ok(found);
            }
        }
    }

    pub(super) async fn abort(&self, upload: &Unfinished) -> Result<(), StoreError> {
        let request = self.client.abort_multipart_upload().bucket(&self.config.bucket);
        let request = request.key(self.path(upload.key.as_str())).upload_id(&upload.id);
        match request.send().await.map_err(Failure::from) {
            Ok(_) => Ok(()),
            Err(failure) if failure.is_missing() => Ok(()),
            Err(failure) => Err(failure.on_what(upload.key.as_str())),
        }
    }
}
