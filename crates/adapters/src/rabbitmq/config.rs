//! `[rabbitmq]`: where work waits.

use std::{num::NonZeroUsize, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ServiceUrl;

/// RabbitMQ: page ranges that wait for a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RabbitMqConfig {
    /// Where it is: amqp://host:port/vhost, amqps:// for TLS; the vhost / is written %2f. Set user and password in the
    /// environment only, as QUIRE__RABBITMQ__URL=amqp://user:password@host:port/vhost.
    ///
    /// Default: `amqp://127.0.0.1:5672/%2f`, user and password guest. Since 0.1.0.
    #[schemars(with = "String")]
    pub url: ServiceUrl,
    /// First part of the names of the queues: fleets that share a vhost need different ones.
    ///
    /// Default: `quire`. Since 0.1.0.
    pub queues: String,
    /// Messages on their way to the broker that it has not confirmed yet. Lower it when the broker is short of memory.
    ///
    /// Default: `256`. Since 0.1.0.
    pub unconfirmed: NonZeroUsize,
    /// Longest wait for a confirmation. A broker that is short of memory or disk confirms nothing.
    ///
    /// Default: `30s`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub confirm_within: Duration,
}

impl Default for RabbitMqConfig {
    fn default() -> Self {
        Self {
            url: ServiceUrl::standard("amqp://127.0.0.1:5672/%2f"),
            queues: "quire".to_owned(),
            unconfirmed: NonZeroUsize::MIN.saturating_add(255),
            confirm_within: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_table_is_the_default() {
        assert_eq!(toml::from_str::<RabbitMqConfig>("").unwrap(), RabbitMqConfig::default());
    }
}
