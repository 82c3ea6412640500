//! Where one run takes place: its own queues, database, folder of the bucket and folder on disk.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use quire_test_servers::MemoryS3;
use serde::Deserialize;

use super::{BUCKET, Process, Services};

/// Longest that a coordinator may take to answer.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// One run's ground.
pub struct Ground {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, String)>,
    quire: PathBuf,
    queues: String,
    listen: String,
    workers: u32,
}

/// Where a job stands; only what is measured.
#[derive(Debug, Deserialize)]
pub struct Status {
    /// The job.
    pub job: String,
    /// `finished` in the end.
    pub phase: String,
    /// Its pages by state.
    pub pages: quire_proto::Ledger,
}

/// What `quire verify` found; only what is measured.
#[derive(Debug, Deserialize)]
pub struct Verified {
    /// Whether every page is there exactly once, unchanged.
    pub sound: bool,
    /// The pages by state, counted again.
    pub pages: quire_proto::Ledger,
    /// Objects that hold them.
    pub objects: u64,
}

impl Ground {
    pub(super) fn new(services: &Services, number: u32) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let listen = format!("127.0.0.1:{port}");
        let queues = format!("bench-{number}");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let variables = vec![
            ("QUIRE__RABBITMQ__URL", services.broker.url()),
            ("QUIRE__RABBITMQ__QUEUES", queues.clone()),
            ("QUIRE__REDIS__URL", format!("{}{number}", services.redis.url())),
            ("QUIRE__S3__ENDPOINT", services.s3.endpoint()),
            ("QUIRE__S3__BUCKET", BUCKET.to_owned()),
            ("QUIRE__S3__PREFIX", queues.clone()),
            ("QUIRE__S3__ACCESS_KEY", MemoryS3::ACCESS_KEY.to_owned()),
            ("QUIRE__S3__SECRET_KEY", MemoryS3::SECRET_KEY.to_owned()),
            ("QUIRE__WORKER__CACHE_DIR", path("documents")),
            ("QUIRE__COORDINATOR__SCRATCH", path("scratch")),
            ("QUIRE__COORDINATOR__LISTEN", listen.clone()),
            ("QUIRE__CLIENT__SERVER", format!("http://{listen}")),
        ];
        Ok(Self { folder, variables, quire: services.quire.clone(), queues, listen, workers: 0 })
    }

    /// A folder for the documents of a job.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The first part of the names of its queues.
    pub fn queues(&self) -> &str {
        &self.queues
    }

    /// Starts the coordinator and waits until it answers.
    pub fn coordinator(&self) -> anyhow::Result<Process> {
        let mut command = self.command(&self.quire);
        command.arg("serve").arg("--quiet");
        let mut process = Process::start(command, self.folder.path(), "coordinator")?;
        let deadline = Instant::now() + READY_WITHIN;
        while std::net::TcpStream::connect(&self.listen).is_err() || self.ask(&["list", "--json"]).is_err() {
            process.lives()?;
            ensure!(Instant::now() < deadline, "the coordinator does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(process)
    }

    /// Starts a worker of fixed cost with these arguments of `fleet-worker`, holding `ranges` at once.
    pub fn worker(&mut self, ranges: usize, arguments: &[&str]) -> anyhow::Result<Process> {
        let mut command = self.command(&std::env::current_exe()?);
        command.arg("fleet-worker").args(arguments).env("QUIRE__PIPELINE__RANGES", ranges.to_string());
        self.workers += 1;
        Process::start(command, self.folder.path(), &format!("worker-{}", self.workers))
    }

    /// Submits what is in a folder.
    pub fn submit(&self, documents: &Path) -> anyhow::Result<Status> {
        let documents = documents.to_str().context("a path is text")?;
        Ok(serde_json::from_str(&self.ask(&["submit", "--json", documents])?)?)
    }

    /// Asks where a job stands.
    pub fn status(&self, job: &str) -> anyhow::Result<Status> {
        // Pages that failed are an exit code of their own, and a figure here.
        let output = self.command(&self.quire).args(["status", "--json", job]).output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Waits for the end of a job.
    pub fn finish(
        &self,
        job: &str,
        limit: Duration,
        mut meanwhile: impl FnMut() -> anyhow::Result<()>,
    ) -> anyhow::Result<Status> {
        let deadline = Instant::now() + limit;
        loop {
            let status = self.status(job)?;
            if status.phase == "finished" {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "the job does not end: {:?}", status.pages);
            meanwhile()?;
        }
    }

    /// Has a finished job verified.
    pub fn verify(&self, job: &str) -> anyhow::Result<Verified> {
        let output = self.command(&self.quire).args(["verify", "--json", job]).output()?;
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn ask(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command(&self.quire).args(arguments).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "quire {}: {said}", arguments[0]);
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The configuration of whoever runs this plays no part, but for the folder of assets.
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env("XDG_CONFIG_HOME", self.folder.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}
