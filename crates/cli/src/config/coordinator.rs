//! `[coordinator]`: the service that takes jobs in and accounts for their pages.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    num::{NonZeroU32, NonZeroUsize},
    path::PathBuf,
    time::Duration,
};

use bytesize::ByteSize;
use quire_adapters::s3::Secret;
use quire_coordinator::{Settings, gc::YOUNG};
use quire_proto::Tenant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AssetsConfig, InvalidConfig};

/// Coordinator of a fleet: `quire serve`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CoordinatorConfig {
    /// Address of the HTTP API. Other addresses than this machine's own need a token.
    ///
    /// Default: `127.0.0.1:8080`. Since 0.1.0.
    #[schemars(with = "String")]
    pub listen: SocketAddr,
    /// Token that callers must show; set it in the environment as QUIRE__COORDINATOR__TOKEN.
    ///
    /// Default: none. Since 0.1.0.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<String>")]
    pub token: Option<Secret>,
    /// Most page ranges on the queue and at workers. The coordinator keeps about four times what workers hold at the
    /// moment, so that a new job does not wait behind much of a large one; raise it when all workers hold more than
    /// half of this.
    ///
    /// Default: `256`. Since 0.1.0.
    pub window: NonZeroUsize,
    /// Jobs that are worked on at the same time; the others wait for their turn.
    ///
    /// Default: `256`. Since 0.1.0.
    pub jobs: NonZeroUsize,
    /// Largest document that is taken in.
    ///
    /// Default: `4 GiB`. Since 0.1.0.
    #[schemars(with = "String")]
    pub max_document: ByteSize,
    /// Time between two comparisons of a job's plan with the store, which find what was lost.
    ///
    /// Default: `1m`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub reconcile_every: Duration,
    /// Age at which a range without a result is taken for lost. Longer than a range takes, waiting included.
    ///
    /// Default: `5m`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub republish_after: Duration,
    /// Pages in a range, the unit of work, of jobs that are submitted from now on. Smaller ranges lose less when a worker
    /// dies and spread few pages over more workers; larger ones cost less for each page. At most 32.
    ///
    /// Default: `16`. Since 0.1.0.
    pub range_pages: NonZeroU32,
    /// Time between two collections of garbage: documents and results that no job refers to, of all tenants. Without it
    /// they stay until somebody types `quire gc`, so nothing is deleted that nobody asked to delete.
    ///
    /// Default: none; `24h` is usual. Since 0.1.0.
    #[serde(with = "humantime_serde::option", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub gc_every: Option<Duration>,
    /// Age below which nothing is garbage. Longer than it takes to send the documents of the largest job, at least an hour.
    ///
    /// Default: `7days`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub gc_older_than: Duration,
    /// Folder for documents on their way into the store and for counting their pages.
    ///
    /// Default: `coordinator` in the folder of assets. Since 0.1.0.
    pub scratch: Option<PathBuf>,
    /// How much of the window a tenant gets beside others, as a table of names and numbers; the others have 1.
    ///
    /// Default: none. Since 0.1.0.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, u32>")]
    pub weights: BTreeMap<Tenant, u32>,
}

impl Default for CoordinatorConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            token: None,
            window: const { NonZeroUsize::new(256).unwrap() },
            jobs: const { NonZeroUsize::new(256).unwrap() },
            max_document: ByteSize::gib(4),
            reconcile_every: Duration::from_secs(60),
            republish_after: Duration::from_secs(300),
            range_pages: const { NonZeroU32::new(16).unwrap() },
            gc_every: None,
            gc_older_than: Duration::from_secs(7 * 86_400),
            scratch: None,
            weights: BTreeMap::new(),
        }
    }
}

impl CoordinatorConfig {
    /// Checks what the types cannot express.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        if self.token.is_none() && !self.listen.ip().is_loopback() {
            let problem = format!(
                "is {}, which others can reach: set a token as QUIRE__COORDINATOR__TOKEN, or listen on 127.0.0.1",
                self.listen
            );
            return Err(InvalidConfig { table: "coordinator", key: "listen", problem });
        }
        let wrong = |key, problem: &str| {
            Err(InvalidConfig { table: "coordinator", key, problem: problem.to_owned() })
        };
        if self.range_pages.get() > 32 {
            return wrong("range_pages", "must be at most 32");
        }
        if self.gc_older_than < YOUNG {
            return wrong("gc_older_than", "must be at least 1h");
        }
        Ok(())
    }

    /// The scratch folder in force.
    pub fn scratch_folder(&self, assets: &AssetsConfig) -> PathBuf {
        self.scratch.clone().unwrap_or_else(|| assets.folder().join("coordinator"))
    }

    /// What the coordinator is told.
    pub fn settings(&self, scratch: PathBuf) -> Settings {
        Settings {
            window: self.window.get(),
            jobs_at_once: self.jobs.get(),
            reconcile_every: self.reconcile_every,
            republish_after: self.republish_after,
            weights: self.weights.clone(),
            collect_every: self.gc_every,
            collect_older_than: self.gc_older_than,
            ..Settings::new(scratch)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_token_only_this_machine_may_call() {
        let open = CoordinatorConfig { listen: ([0, 0, 0, 0], 8080).into(), ..Default::default() };
        let guarded = CoordinatorConfig { token: Some("secret".into()), ..open.clone() };

        assert!(open.validate().unwrap_err().to_string().contains("token"));
        assert_eq!(guarded.validate(), Ok(()));
    }

    #[test]
    fn documents_on_their_way_into_a_job_are_no_garbage() {
        let hasty = CoordinatorConfig { gc_older_than: Duration::from_secs(60), ..Default::default() };

        assert!(hasty.validate().unwrap_err().to_string().contains("gc_older_than"));
        assert_eq!(CoordinatorConfig::default().validate(), Ok(()));
    }
}
