//! RabbitMQ, S3 and Redis, connected at once and in a bounded time.
//!
//! One invariant: a process of a fleet starts with all three or says of each that
//! is missing where it was looked for and what to do, never a password.

use std::{sync::Arc, time::Duration};

use anyhow::anyhow;
use quire_adapters::{ConnectError, RabbitMqJobQueue, RedisProgressStore, S3ObjectStore, s3::Conditions};
use quire_ports::{Ports, QueueLimits};
use tokio::time::timeout;

use crate::config::Config;

/// Longest that the store may take, its probe included. Each adapter gives up earlier on a server that is not there.
const STORE_WITHIN: Duration = Duration::from_secs(9);

/// What came of connecting to each service.
pub(crate) struct Attempts {
    /// RabbitMQ.
    pub(crate) queue: Result<RabbitMqJobQueue, ConnectError>,
    /// S3, and whether it keeps its conditions.
    pub(crate) store: Result<(S3ObjectStore, Conditions), ConnectError>,
    /// Redis.
    pub(crate) progress: Result<RedisProgressStore, ConnectError>,
}

/// Connects to all services, lending at most what `limits` say.
///
/// # Errors
/// Within 10 s, when a service is not there or refuses us; the message has one line for each of them.
pub async fn connect(config: &Config, limits: QueueLimits) -> anyhow::Result<Ports> {
    match attempt(config, limits).await {
        Attempts { queue: Ok(queue), store: Ok((store, _)), progress: Ok(progress) } => {
            Ok(Ports { queue: Arc::new(queue), store: Arc::new(store), progress: Arc::new(progress) })
        }
        Attempts { queue, store, progress } => {
            let failed = [queue.err(), store.err(), progress.err()].into_iter().flatten();
            let lines: Vec<String> = failed.map(|error| format!("{:#}", anyhow!(error))).collect();
            Err(anyhow!(lines.join("\n")))
        }
    }
}

/// Tries all services at once.
pub(crate) async fn attempt(config: &Config, limits: QueueLimits) -> Attempts {
    let (queue, store, progress) = tokio::join!(
        RabbitMqJobQueue::connect(config.rabbitmq.clone(), limits),
        store(config),
        RedisProgressStore::connect(config.redis.clone()),
    );
    Attempts { queue, store, progress }
}

async fn store(config: &Config) -> Result<(S3ObjectStore, Conditions), ConnectError> {
    let service = "s3";
    let address = || config.s3.address();
    let probed = async {
        let store = S3ObjectStore::connect(config.s3.clone()).await?;
        let conditions = store.probe().await.map_err(|error| ConnectError::Refused {
            service,
            address: address(),
            remedy: "give the key the right to read, write, list and delete objects".to_owned(),
            source: error.into(),
        })?;
        Ok((store, conditions))
    };
    // Boxed, because the client's requests are large.
    timeout(STORE_WITHIN, Box::pin(probed)).await.unwrap_or_else(|elapsed| {
        Err(ConnectError::Unreachable {
            service,
            address: address(),
            remedy: "see why it is slow: 32 small writes took too long".to_owned(),
            source: elapsed.into(),
        })
    })
}
