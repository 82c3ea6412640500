//! A fleet on this machine: private servers, real worker processes, and a coordinator in the test itself.
//!
//! ```text
//!  Servers ─ a fleet for each promise ─▶ Fleet ─┬─ worker() ─▶ WorkerProcess: kill, drain
//!  (broker, redis, s3)   (queues, folder)       └─ submit() ─▶ Job: until something is done, finish
//! ```

mod job;
mod worker;

use std::{
    path::Path,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::Context;
use quire_cli::config::Config;
use quire_ports::{Ports, QueueLimits};
use quire_test_servers::{RabbitMq, Redis, S3};

pub use job::{Finished, Job};
pub use worker::{Environment, WorkerProcess};

/// Name of the only bucket.
const BUCKET: &str = "fleet";

/// The servers of this test.
pub struct Servers {
    /// The broker, to be killed and started again.
    pub broker: RabbitMq,
    /// The progress store, to be killed and emptied.
    pub redis: Redis,
    s3: S3,
    fleets: AtomicU32,
}

impl Servers {
    /// Starts one of each.
    pub fn start() -> anyhow::Result<Self> {
        let s3 = S3::start()?;
        s3.make_bucket(BUCKET)?;
        Ok(Self { broker: RabbitMq::start()?, redis: Redis::start()?, s3, fleets: AtomicU32::new(0) })
    }

    /// A fleet with queues, a folder of the bucket and a database of its own.
    pub async fn fleet(&self) -> anyhow::Result<Fleet> {
        let number = self.fleets.fetch_add(1, Ordering::Relaxed);
        let name = format!("fleet-{number}");
        // Equal documents are equal jobs: in one database they would share their progress.
        let redis = format!("{}{number}", self.redis.url());
        let folder = tempfile::tempdir()?;
        let mut config = Config::load(None)?;
        config.rabbitmq.url = self.broker.url().parse()?;
        config.rabbitmq.queues = name.clone();
        config.redis.url = redis.parse()?;
        config.s3.endpoint = Some(self.s3.endpoint().parse()?);
        config.s3.bucket = BUCKET.to_owned();
        config.s3.prefix = name.clone();
        config.s3.access_key = Some("id".to_owned());
        config.s3.secret_key = Some("key".into());
        let environment = self.environment(&name, redis, folder.path());
        let ports = quire_cli::fleet::connect(&config, QueueLimits::default()).await.context("connect")?;
        Ok(Fleet { ports, config, environment, folder })
    }

    fn environment(&self, name: &str, redis: String, folder: &Path) -> Environment {
        Environment::new([
            ("QUIRE__RABBITMQ__URL", self.broker.url()),
            ("QUIRE__RABBITMQ__QUEUES", name.to_owned()),
            ("QUIRE__REDIS__URL", redis),
            ("QUIRE__S3__ENDPOINT", self.s3.endpoint()),
            ("QUIRE__S3__BUCKET", BUCKET.to_owned()),
            ("QUIRE__S3__PREFIX", name.to_owned()),
            ("QUIRE__S3__ACCESS_KEY", "id".to_owned()),
            ("QUIRE__S3__SECRET_KEY", "key".to_owned()),
            ("QUIRE__WORKER__CACHE_DIR", folder.join("documents").display().to_string()),
        ])
    }
}

/// Workers and jobs that see each other and nobody else.
pub struct Fleet {
    /// What the coordinator of this fleet works over.
    pub ports: Ports,
    config: Config,
    environment: Environment,
    folder: tempfile::TempDir,
}

impl Fleet {
    /// Starts a worker and waits until it takes work.
    pub async fn worker(&self) -> anyhow::Result<WorkerProcess> {
        let mut worker = WorkerProcess::start(&self.environment, self.folder.path())?;
        worker.until_ready().await?;
        Ok(worker)
    }

    /// Submits a PDF that has `pages` pages, and starts a coordinator that sees it through.
    pub async fn submit(&self, pdf: &[u8], pages: u32) -> anyhow::Result<Job> {
        Job::start(self.ports.clone(), self.config.profile()?, self.folder.path(), pdf, pages).await
    }
}
