//! A `quire-worker` process that can be asked, told and killed.

use std::{
    fs::File,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

use crate::quire;

/// Longest that a worker may take to load its models.
const READY_WITHIN: Duration = Duration::from_secs(90);

const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Variables that a worker is started with.
#[derive(Clone, Debug)]
pub struct Environment(Vec<(&'static str, String)>);

impl Environment {
    /// These variables.
    pub fn new(variables: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self(variables.into_iter().collect())
    }
}

/// A worker. Killed on drop, and when the thread that started it ends.
pub struct WorkerProcess {
    process: Child,
    health: SocketAddr,
    log: PathBuf,
}

impl WorkerProcess {
    /// Starts a worker that keeps its log in `folder`.
    pub fn start(environment: &Environment, folder: &Path) -> anyhow::Result<Self> {
        let health = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log = folder.join(format!("worker-{}.log", health.port()));
        let file = File::create(&log)?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(quire::program("quire-worker")?);
        // The configuration of whoever runs the tests plays no part.
        command.current_dir(folder).env("XDG_CONFIG_HOME", folder);
        command.envs(environment.0.iter().map(|(name, value)| (name, value)));
        command.env("QUIRE__WORKER__HEALTH", health.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let process = command.spawn().context("start setpriv, which is part of util-linux")?;
        Ok(Self { process, health, log })
    }

    /// Waits until it takes work.
    pub async fn until_ready(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        while !self.ask("/readyz").is_ok_and(|(ready, _)| ready) {
            if let Some(status) = self.process.try_wait()? {
                bail!("the worker ended with {status}: {}", self.log());
            }
            ensure!(Instant::now() < deadline, "the worker is not ready: {}", self.log());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// Whether it says yes at this path, and what it says.
    pub fn ask(&self, path: &str) -> anyhow::Result<(bool, String)> {
        let mut connection = TcpStream::connect(self.health)?;
        connection.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(connection, "GET {path} HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer has a head and a body")?;
        Ok((head.lines().next().is_some_and(|status| status.contains(" 200 ")), body.to_owned()))
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Asks it to stop.
    pub fn signal(&self) -> anyhow::Result<()> {
        quire::send("TERM", &self.process.id().to_string())
    }

    /// Asks it to stop, and waits until it has; says how it ended and how long that took.
    pub async fn drain(&mut self) -> anyhow::Result<(ExitStatus, Duration)> {
        let asked = Instant::now();
        self.signal()?;
        let status = self.end(Duration::from_secs(30)).await?;
        Ok((status, asked.elapsed()))
    }

    /// Waits for its end.
    pub async fn end(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "the worker did not end: {}", self.log());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// What it said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        // One that has ended is what we want.
        drop(self.kill());
    }
}
