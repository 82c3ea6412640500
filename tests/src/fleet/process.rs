//! A process of the fleet: started with an environment, watched until it is ready, told to stop, killed.

use std::{
    fs::File,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};

use crate::quire;

/// Longest that a process may take until it is ready: a worker loads its models.
const READY_WITHIN: Duration = Duration::from_secs(90);

/// Longest that an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Variables that processes and commands are started with.
#[derive(Clone, Debug)]
pub struct Environment(Vec<(&'static str, String)>);

impl Environment {
    /// These variables.
    pub fn new(variables: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        Self(variables.into_iter().collect())
    }

    /// These and one more, which goes before one of the same name.
    #[must_use]
    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut variables = self.0.clone();
        variables.push((name, value.into()));
        Self(variables)
    }

    /// Gives them to a command, in whose folder the configuration of whoever runs the tests plays no part.
    pub(super) fn give(&self, command: &mut Command, folder: &Path) {
        command.env("XDG_CONFIG_HOME", folder).envs(self.0.iter().map(|(name, value)| (name, value)));
    }
}

/// A process that answers HTTP. Killed on drop, and when the thread that started it ends.
pub struct Process {
    process: Child,
    address: SocketAddr,
    log: PathBuf,
}

/// An address of loopback that nobody listens on.
pub(super) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Process {
    /// Starts a program of ours that answers at `address` and keeps its log in `folder`.
    pub(super) fn start(
        program: &str,
        arguments: &[&str],
        address: SocketAddr,
        environment: &Environment,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let log = folder.join(format!("{program}-{}.log", address.port()));
        let file = File::create(&log)?;
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]).arg(quire::program(program)?).args(arguments);
        environment.give(&mut command, folder);
        // Ctrl-C is for whoever started it, who tells it to stop.
        command.current_dir(folder).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file);
        let process = command.spawn().context("start setpriv, which is part of util-linux")?;
        Ok(Self { process, address, log })
    }

    /// Waits until it says that it is ready.
    pub async fn until_ready(&mut self) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        while !self.ask("/readyz").is_ok_and(|(ready, _)| ready) {
            if let Some(status) = self.process.try_wait()? {
                bail!("the process ended with {status}: {}", self.log());
            }
            ensure!(Instant::now() < deadline, "the process is not ready: {}", self.log());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// Whether it says yes at this path, and what it says.
    pub fn ask(&self, path: &str) -> anyhow::Result<(bool, String)> {
        let mut connection = TcpStream::connect(self.address)?;
        connection.set_read_timeout(Some(ANSWER_WITHIN))?;
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

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> anyhow::Result<bool> {
        Ok(self.process.try_wait()?.is_some())
    }

    /// Waits for its end.
    pub async fn end(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "the process did not end: {}", self.log());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// What it said.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended is what we want.
        drop(self.kill());
    }
}
