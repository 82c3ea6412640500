//! Documents that somebody else put into a bucket: any bucket, any keys, never written to.

use std::{fs::File, io};

use aws_sdk_s3::{Client, config::retry::RetryConfig, operation::list_objects_v2::ListObjectsV2Output};

use super::{
    S3Config,
    client::{self, StartError},
    download::{Copy, copy},
    error::Failure,
    object_store::bytes,
};
use crate::connect_error::{CONNECT_WITHIN, ConnectError, within};

/// Attempts at an object whose body breaks off.
const ATTEMPTS: u32 = 4;

/// How another bucket is chosen.
const ANOTHER: &str = "name another";

/// An object that was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its whole key.
    pub key: String,
    /// The key below the folder that was named, or its last part when the object itself was named.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// Why an object or a list of them is not to be had.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The server refuses, or does not answer.
    #[error("cannot read {what}")]
    Server {
        /// The object or the folder, as an address.
        what: String,
        /// The server's reason.
        source: quire_ports::Source,
    },
    /// There is no room for the copy, or the disk fails.
    #[error("cannot keep a copy of an object")]
    Copy(#[source] io::Error),
}

/// Reads one bucket.
#[derive(Debug)]
pub struct BucketReader {
    client: Client,
    config: S3Config,
}

impl BucketReader {
    /// A reader of `bucket` at the server of the configuration; nothing is asked yet.
    ///
    /// # Errors
    /// When there are no credentials.
    pub async fn new(config: &S3Config, bucket: &str) -> Result<Self, ConnectError> {
        let config = S3Config { bucket: bucket.to_owned(), prefix: String::new(), ..config.clone() };
        match client::client(&config).await {
            Ok(client) => Ok(Self { client, config }),
            Err(error) => Err(client::at_start(error, &config, ANOTHER)),
        }
    }

    /// The object of this key, or else everything in the folder of this name.
    ///
    /// # Errors
    /// Within seconds, when the server is not there, has no such bucket or refuses us.
    pub async fn list(&self, prefix: &str) -> Result<Vec<Listed>, ConnectError> {
        let first = within(CONNECT_WITHIN, async { Ok(self.page(prefix, None, true).await?) });
        let first =
            first.await.map_err(|error: StartError| client::at_start(error, &self.config, ANOTHER))?;
        if let Some(object) = first.contents().iter().find(|object| object.key() == Some(prefix)) {
            let name = prefix.rsplit('/').next().unwrap_or(prefix).to_owned();
            return Ok(vec![Listed { key: prefix.to_owned(), name, bytes: bytes(object.size()) }]);
        }
        let folder =
            if prefix.is_empty() || prefix.ends_with('/') { prefix.to_owned() } else { format!("{prefix}/") };
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.page(&folder, after, false).await;
            let page = page.map_err(|error| client::at_start(error.into(), &self.config, ANOTHER))?;
            found.extend(page.contents().iter().filter_map(|object| {
                let key = object.key()?;
                let name =
                    key.strip_prefix(&folder).filter(|name| !name.is_empty() && !name.ends_with('/'))?;
                Some(Listed { key: key.to_owned(), name: name.to_owned(), bytes: bytes(object.size()) })
            }));
            after = page.contents().last().and_then(|object| object.key()).map(str::to_owned);
            if !page.is_truncated().unwrap_or_default() || after.is_none() {
                return Ok(found);
            }
        }
    }

    /// A copy of an object in a file that has no name, so that nothing of it outlives the process.
    pub async fn fetch(&self, key: &str) -> Result<File, ReadError> {
        let server =
            |source| ReadError::Server { what: format!("s3://{}/{key}", self.config.bucket), source };
        let mut attempt = 1;
        loop {
            let file = tempfile::tempfile().map_err(ReadError::Copy)?;
            let mut into = tokio::fs::File::from_std(file);
            match copy(&self.client, &self.config, key, &mut into).await {
                Ok(()) => return Ok(into.into_std().await),
                Err(Copy::Cut(_)) if attempt < ATTEMPTS => attempt += 1,
                Err(Copy::Cut(source)) => return Err(server(source)),
                Err(Copy::Server(failure)) => return Err(server(failure.into())),
                Err(Copy::Local(error)) => return Err(ReadError::Copy(error)),
            }
        }
    }

    async fn page(
        &self,
        prefix: &str,
        after: Option<String>,
        once: bool,
    ) -> Result<ListObjectsV2Output, Failure> {
        let request = self.client.list_objects_v2().bucket(&self.config.bucket).prefix(prefix);
        let request = request.set_start_after(after).set_max_keys(once.then_some(1));
        if !once {
            return request.send().await.map_err(Failure::from);
        }
        // One attempt: whoever names a bucket wants to know at once.
        let once = aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled());
        request.customize().config_override(once).send().await.map_err(Failure::from)
    }
}
