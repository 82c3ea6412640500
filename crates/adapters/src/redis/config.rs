//! `[redis]`: where progress is kept.

use std::{num::NonZeroUsize, time::Duration};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ServiceUrl;

/// Redis: progress of jobs, a cache that may be emptied at any moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RedisConfig {
    /// Where it is: redis://host:port/database, rediss:// for TLS. Set user and password in the environment only,
    /// as QUIRE__REDIS__URL=redis://user:password@host:port/database.
    ///
    /// Default: `redis://127.0.0.1:6379/`. Since 0.1.0.
    #[schemars(with = "String")]
    pub url: ServiceUrl,
    /// Longest wait for an answer; work goes on without progress after that.
    ///
    /// Default: `2s`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub answer_within: Duration,
    /// How long the progress of a job is kept after its last page.
    ///
    /// Default: `7days`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub keep: Duration,
    /// Events kept for each job. A reader that falls further behind starts again from the counts.
    ///
    /// Default: `1000`. Since 0.1.0.
    pub kept_events: NonZeroUsize,
}

impl Default for RedisConfig {
    fn default() -> Self {
        Self {
            url: ServiceUrl::standard("redis://127.0.0.1:6379/"),
            answer_within: Duration::from_secs(2),
            keep: Duration::from_secs(7 * 24 * 60 * 60),
            kept_events: NonZeroUsize::MIN.saturating_add(999),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_table_is_the_default() {
        assert_eq!(toml::from_str::<RedisConfig>("").unwrap(), RedisConfig::default());
    }
}
