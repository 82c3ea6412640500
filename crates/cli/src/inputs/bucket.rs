//! Documents in buckets, named as `s3://bucket/prefix`: listed first, and copied one by one when they are wanted.

use std::{
    fs::File,
    io::Seek,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use quire_adapters::{
    S3Config,
    s3::{BucketReader, Listed},
};
use tokio::runtime::{Builder, Runtime};

use super::{InputError, Rejected, sniff, walk::has_extension};

/// How an address begins.
const SCHEME: &str = "s3://";

/// An object that may be a document.
#[derive(Clone, Debug)]
pub(crate) struct RemoteInput {
    /// Its address.
    pub(crate) address: PathBuf,
    /// The key below the prefix that was named.
    pub(crate) name: String,
    /// Its size.
    pub(crate) bytes: u64,
    key: String,
    bucket: Arc<BucketReader>,
}

/// What was found below the addresses.
pub(crate) struct Objects {
    /// In the order of the addresses, sorted below each.
    pub(crate) inputs: Vec<RemoteInput>,
    /// What cannot be used.
    pub(crate) rejected: Vec<Rejected>,
    /// Objects whose names are not those of documents.
    pub(crate) left_out: Vec<PathBuf>,
    runtime: Runtime,
}

/// Divides what was named into addresses of buckets and paths of this machine.
pub(crate) fn split(named: &[PathBuf]) -> (Vec<&str>, Vec<PathBuf>) {
    let address = |path: &PathBuf| path.to_str().is_some_and(|text| text.starts_with(SCHEME));
    let (there, here): (Vec<&PathBuf>, Vec<&PathBuf>) = named.iter().partition(|path| address(path));
    (there.into_iter().filter_map(|path| path.to_str()).collect(), here.into_iter().cloned().collect())
}

impl Objects {
    /// Lists what is there, at the server of the configuration.
    ///
    /// # Errors
    /// When a bucket is not there, or may not be listed.
    pub(crate) fn find(config: &S3Config, addresses: &[&str]) -> anyhow::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let mut found = Self { inputs: Vec::new(), rejected: Vec::new(), left_out: Vec::new(), runtime };
        for address in addresses {
            let (bucket, prefix) = parse(address)?;
            let (bucket, listed) = found
                .runtime
                .block_on(async {
                    let bucket = BucketReader::new(config, bucket).await?;
                    let listed = bucket.list(prefix).await?;
                    anyhow::Ok((Arc::new(bucket), listed))
                })
                .with_context(|| format!("list {address}"))?;
            found.take(address, prefix, &bucket, listed);
        }
        Ok(found)
    }

    fn take(&mut self, address: &str, prefix: &str, bucket: &Arc<BucketReader>, listed: Vec<Listed>) {
        let before = (self.inputs.len(), self.rejected.len());
        let root = address.strip_suffix(prefix).unwrap_or(address);
        for Listed { key, name, bytes } in listed {
            let address = PathBuf::from(format!("{root}{key}"));
            // What was named itself is looked at anyway.
            if key != prefix && !has_extension(Path::new(&key)) {
                self.left_out.push(address);
            } else if bytes == 0 {
                self.rejected.push(Rejected { path: address, reason: InputError::Empty });
            } else {
                self.inputs.push(RemoteInput { address, name, bytes, key, bucket: bucket.clone() });
            }
        }
        if before == (self.inputs.len(), self.rejected.len()) {
            self.rejected.push(Rejected { path: PathBuf::from(address), reason: InputError::NoDocuments });
        }
    }

    /// Copies an object into a file that has no name, and checks that it begins like a document.
    pub(crate) fn copy(&self, input: &RemoteInput) -> anyhow::Result<Result<File, InputError>> {
        let mut file = self.runtime.block_on(input.bucket.fetch(&input.key))?;
        if let Err(reason) = sniff::check_file(&file) {
            return Ok(Err(reason));
        }
        file.rewind()?;
        Ok(Ok(file))
    }
}

fn parse(address: &str) -> anyhow::Result<(&str, &str)> {
    let rest = address.strip_prefix(SCHEME).unwrap_or(address);
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    anyhow::ensure!(!bucket.is_empty(), "{address} names no bucket: write s3://BUCKET/PREFIX");
    Ok((bucket, prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_paths_and_name_a_bucket() {
        let named = ["a.pdf", "s3://scans/2024/june", "s3:/b.pdf"].map(PathBuf::from);

        let (there, here) = split(&named);

        assert_eq!((there, here.len()), (vec!["s3://scans/2024/june"], 2));
        assert_eq!(parse("s3://scans/2024/june").unwrap(), ("scans", "2024/june"));
        assert_eq!(parse("s3://scans").unwrap(), ("scans", ""));
        assert!(parse("s3:///june").unwrap_err().to_string().contains("names no bucket"));
    }
}
