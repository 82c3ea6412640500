//! The client library, told what it would get wrong by itself.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    config::{
        Credentials, ProvideCredentials, RequestChecksumCalculation, ResponseChecksumValidation,
        retry::RetryConfig,
    },
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

use super::{S3Config, error::Failure};
use crate::connect_error::{CONNECT_WITHIN, ConnectError, NoAnswer, within};

const CONNECTED_WITHIN: Duration = Duration::from_secs(5);

/// Region for servers that have none.
const ANY_REGION: &str = "us-east-1";

/// Why the store is not to be had at start.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    #[error(transparent)]
    NoAnswer(#[from] NoAnswer),
    #[error(transparent)]
    Server(#[from] Failure),
    #[error("no credentials")]
    Credentials(#[source] quire_ports::Source),
}

/// A client that has seen its bucket.
pub(super) async fn connect(config: &S3Config) -> Result<Client, ConnectError> {
    let start = async {
        let client = client(config).await?;
        // One attempt: whoever starts a process wants to know at once.
        let once = aws_sdk_s3::config::Builder::new().retry_config(RetryConfig::disabled());
        let seen = client.head_bucket().bucket(&config.bucket).customize().config_override(once).send().await;
        seen.map_err(Failure::from)?;
        Ok(client)
    };
    within(CONNECT_WITHIN, start)
        .await
        .map_err(|error: StartError| at_start(error, config, "set bucket of [s3]"))
}

pub(super) async fn client(config: &S3Config) -> Result<Client, StartError> {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECTED_WITHIN)
        .operation_attempt_timeout(config.attempt_within)
        .operation_timeout(config.operation_within)
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(config.attempts.get()));
    if let Some(region) = region(config) {
        loader = loader.region(region);
    }
    if let (Some(key), Some(secret)) = (&config.access_key, &config.secret_key) {
        loader = loader.credentials_provider(Credentials::new(key, secret.expose(), None, None, "quire"));
    }
    let shared = loader.load().await;
    if let Some(provider) = shared.credentials_provider() {
        let found = provider.provide_credentials().await;
        found.map_err(|error| StartError::Credentials(error.into()))?;
    }
    let mut builder = aws_sdk_s3::config::Builder::from(&shared);
    if let Some(endpoint) = &config.endpoint {
        // Checksums in trailers break several servers; ours are in the records themselves.
        builder = builder
            .endpoint_url(endpoint.expose())
            .force_path_style(true)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    }
    Ok(Client::from_conf(builder.build()))
}

fn region(config: &S3Config) -> Option<Region> {
    let fallback = config.endpoint.as_ref().map(|_| ANY_REGION.to_owned());
    config.region.clone().or(fallback).map(Region::new)
}

/// What it means and what to do about it; `another` says how another bucket is chosen.
pub(super) fn at_start(error: StartError, config: &S3Config, another: &str) -> ConnectError {
    let (service, address) = ("s3", config.address());
    let remedy = match &error {
        StartError::NoAnswer(_) => None,
        StartError::Credentials(_) => Some("set QUIRE__S3__ACCESS_KEY and QUIRE__S3__SECRET_KEY".to_owned()),
        StartError::Server(failure) => match failure.status {
            Some(404) => Some(format!("make the bucket {}, or {another}", config.bucket)),
            Some(301 | 400) => Some("set region of [s3]".to_owned()),
            Some(401 | 403) => {
                Some("give a key with rights to the bucket in QUIRE__S3__ACCESS_KEY".to_owned())
            }
            _ => None,
        },
    };
    match remedy {
        Some(remedy) => ConnectError::Refused { service, address, remedy, source: error.into() },
        None => {
            let remedy = "start it, or set endpoint and region of [s3]".to_owned();
            ConnectError::Unreachable { service, address, remedy, source: error.into() }
        }
    }
}
