//! An upload in parts that is not an object yet.
//!
//! One invariant: whoever stops in the middle, by an error or because nobody waits any more, leaves no parts behind
//! that are paid for and never seen.

use aws_sdk_s3::Client;
use tokio::runtime::Handle;

use super::error::Failure;

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
        // Nobody waits here. What stays nevertheless is for the bucket's own rule on unfinished uploads.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(abort.send());
        }
    }
}
