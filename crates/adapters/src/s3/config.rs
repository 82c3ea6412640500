//! `[s3]`: where documents and results lie.

use std::{num::NonZeroU32, time::Duration};

use bytesize::ByteSize;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Secret;
use crate::ServiceUrl;

/// S3, or a server that speaks like it: documents, results and jobs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct S3Config {
    /// Where the server is, as http://host:port, when it is not Amazon's. Buckets are addressed in the path then, and
    /// checksums are sent only where they are required.
    ///
    /// Default: Amazon's server of the region. Since 0.1.0.
    #[schemars(with = "Option<String>")]
    pub endpoint: Option<ServiceUrl>,
    /// Its region.
    ///
    /// Default: that of the environment, and us-east-1 with an endpoint. Since 0.1.0.
    pub region: Option<String>,
    /// The bucket, which must exist.
    ///
    /// Default: `quire`. Since 0.1.0.
    pub bucket: String,
    /// Folder of the bucket for everything: letters, digits, hyphens and slashes.
    ///
    /// Default: none. Since 0.1.0.
    pub prefix: String,
    /// Key id; set it in the environment as QUIRE__S3__ACCESS_KEY.
    ///
    /// Default: what Amazon's own tools would use: AWS_ACCESS_KEY_ID, profile, role of the machine. Since 0.1.0.
    #[serde(skip_serializing)]
    pub access_key: Option<String>,
    /// Secret that belongs to the key id; set it in the environment as QUIRE__S3__SECRET_KEY.
    ///
    /// Default: as for the key id. Since 0.1.0.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<String>")]
    pub secret_key: Option<Secret>,
    /// Longest that one attempt may take, and longest wait for more of an object.
    ///
    /// Default: `30s`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub attempt_within: Duration,
    /// Longest that all attempts of one operation may take.
    ///
    /// Default: `2m`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub operation_within: Duration,
    /// Attempts of one operation.
    ///
    /// Default: `6`. Since 0.1.0.
    pub attempts: NonZeroU32,
    /// Larger files are sent in parts of this size; at least 5 MiB. One part is in memory for each file on its way.
    ///
    /// Default: `16 MiB`. Since 0.1.0.
    #[schemars(with = "String")]
    pub part_size: ByteSize,
}

impl Default for S3Config {
    fn default() -> Self {
        Self {
            endpoint: None,
            region: None,
            bucket: "quire".to_owned(),
            prefix: String::new(),
            access_key: None,
            secret_key: None,
            attempt_within: Duration::from_secs(30),
            operation_within: Duration::from_secs(120),
            attempts: NonZeroU32::MIN.saturating_add(5),
            part_size: ByteSize::mib(16),
        }
    }
}

impl S3Config {
    /// Where it is, for people.
    pub fn address(&self) -> String {
        let server = self.endpoint.as_ref().map_or_else(|| "amazonaws.com".to_owned(), ServiceUrl::address);
        format!("{server}/{}", self.bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_table_is_the_default() {
        assert_eq!(toml::from_str::<S3Config>("").unwrap(), S3Config::default());
    }

    #[test]
    fn a_secret_is_neither_shown_nor_written() {
        let config: S3Config = toml::from_str("access_key = 'id'\nsecret_key = 'hush'").unwrap();

        assert!(!format!("{config:?} {}", serde_json::to_string(&config).unwrap()).contains("hush"));
    }
}
