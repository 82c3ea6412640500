//! A fleet on this machine: private servers, real processes, and where wanted a coordinator in the test itself.
//!
//! ```text
//!  Servers ─ a fleet for each promise ─▶ Fleet ─┬─ worker() ──────▶ Process: kill, drain
//!  (broker, redis, s3)   (queues, folder)       ├─ coordinator() ─▶ CoordinatorProcess: submit, watch, …
//!                                               └─ submit() ──────▶ Job: until something is done, finish
//! ```

mod coordinator;
mod job;
mod process;
pub mod tour;

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::Context;
use quire_cli::config::Config;
use quire_ports::QueueLimits;
use quire_test_servers::{RabbitMq, Redis, S3};

pub use coordinator::{CoordinatorProcess, last_status, run};
pub use job::{Finished, Job};
pub use process::{Environment, Process};

use crate::quire::Ran;
use process::free_address;

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
    pub fn fleet(&self) -> anyhow::Result<Fleet> {
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
        Ok(Fleet { config, environment, folder })
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
            ("QUIRE__COORDINATOR__SCRATCH", folder.join("scratch").display().to_string()),
        ])
    }
}

/// Processes and jobs that see each other and nobody else.
pub struct Fleet {
    config: Config,
    environment: Environment,
    folder: tempfile::TempDir,
}

impl Fleet {
    /// Starts a worker.
    pub fn start_worker(&self) -> anyhow::Result<Process> {
        start_worker(&self.environment, self.folder.path())
    }

    /// Starts a worker and waits until it takes work.
    pub async fn worker(&self) -> anyhow::Result<Process> {
        let mut worker = self.start_worker()?;
        worker.until_ready().await?;
        Ok(worker)
    }

    /// Starts a worker that reads nothing, with these arguments of `quire-bench fleet-worker`; nobody answers for it.
    pub fn stub_worker(&self, arguments: &[&str]) -> anyhow::Result<Process> {
        let arguments = [&["fleet-worker"], arguments].concat();
        Process::start("quire-bench", &arguments, free_address()?, &self.environment, self.folder.path())
    }

    /// Starts a coordinator and waits until it takes jobs.
    pub async fn coordinator(&self) -> anyhow::Result<CoordinatorProcess> {
        let mut coordinator = CoordinatorProcess::start(&self.environment, self.folder.path())?;
        coordinator.until_ready().await?;
        Ok(coordinator)
    }

    /// Runs a command to its end in the environment of this fleet, whether or not it has a coordinator.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<Ran> {
        run(&self.environment, self.folder.path(), arguments)
    }

    /// A path that nobody uses yet.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file that can be submitted.
    pub fn write(&self, name: &str, bytes: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.path(name);
        std::fs::write(&path, bytes)?;
        Ok(path)
    }

    /// Submits a PDF that has `pages` pages, and has a coordinator of the test itself see it through.
    pub async fn submit(&self, pdf: &[u8], pages: u32) -> anyhow::Result<Job> {
        let ports =
            quire_cli::fleet::connect(&self.config, QueueLimits::default()).await.context("connect")?;
        Job::start(ports, self.config.profile()?, self.folder.path(), pdf, pages).await
    }
}

/// Starts a worker that keeps its log in `folder`.
pub fn start_worker(environment: &Environment, folder: &Path) -> anyhow::Result<Process> {
    let health = free_address()?;
    let environment = environment.with("QUIRE__WORKER__HEALTH", health.to_string());
    Process::start("quire-worker", &[], health, &environment, folder)
}
