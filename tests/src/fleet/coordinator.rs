//! A `quire serve` process, and the commands that ask it.

use std::{
    net::SocketAddr,
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use quire_coordinator::jobs::JobStatus;

use super::process::{Environment, Process, free_address};
use crate::quire::{self, Ran};

/// Seconds that a command may take, the watching of a job included.
const COMMAND_WITHIN: &str = "100";

const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A coordinator.
pub struct CoordinatorProcess {
    process: Process,
    address: SocketAddr,
    environment: Environment,
    folder: PathBuf,
}

impl Deref for CoordinatorProcess {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl DerefMut for CoordinatorProcess {
    fn deref_mut(&mut self) -> &mut Process {
        &mut self.process
    }
}

impl From<CoordinatorProcess> for Process {
    fn from(coordinator: CoordinatorProcess) -> Self {
        coordinator.process
    }
}

impl CoordinatorProcess {
    /// Starts a coordinator that keeps its log in `folder`.
    pub fn start(environment: &Environment, folder: &Path) -> anyhow::Result<Self> {
        let address = free_address()?;
        let process = serve(address, environment, folder)?;
        let environment = environment.with("QUIRE__CLIENT__SERVER", format!("http://{address}"));
        Ok(Self { process, address, environment, folder: folder.to_owned() })
    }

    /// Kills it if it runs, starts it again where it was, and waits until it takes jobs.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        // One that is dead already is what we want.
        drop(self.process.kill());
        self.process = serve(self.address, &self.environment, &self.folder)?;
        self.process.until_ready().await
    }

    /// A `quire` command that asks this coordinator. Killed when the thread that started it ends.
    pub fn command(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let wrapper = ["setpriv", "--pdeathsig", "KILL", "--"];
        wrapped(&wrapper, arguments, &self.environment, &self.folder)
    }

    /// Runs a command to its end, which answers in JSON lines.
    pub fn run(&self, arguments: &[&str]) -> anyhow::Result<Ran> {
        run(&self.environment, &self.folder, arguments)
    }

    /// Submits these documents, with more arguments; says where the job stands then.
    pub fn submit(&self, documents: &[&Path], more: &[&str]) -> anyhow::Result<JobStatus> {
        let ran = self.run(&submission(documents, more)?)?;
        ensure!(ran.code == Some(0), "submit ends with {:?}: {}", ran.code, ran.stderr);
        last_status(&ran)
    }

    /// Submits these documents and waits for the end of the job; says the exit code too.
    pub fn submit_and_wait(
        &self,
        documents: &[&Path],
        more: &[&str],
    ) -> anyhow::Result<(JobStatus, Option<i32>)> {
        let ran = self.run(&submission(documents, &[&["--wait"], more].concat())?)?;
        Ok((last_status(&ran)?, ran.code))
    }

    /// Watches a job to its end.
    pub fn watch(&self, job: &str) -> anyhow::Result<JobStatus> {
        last_status(&self.run(&["watch", job])?)
    }

    /// Where a job stands.
    pub fn status(&self, job: &str) -> anyhow::Result<JobStatus> {
        last_status(&self.run(&["status", job])?)
    }

    /// Waits until some pages of a job are done, when others are not.
    pub async fn until_midway(&self, job: &str, limit: Duration) -> anyhow::Result<JobStatus> {
        let deadline = Instant::now() + limit;
        loop {
            let status = self.status(job)?;
            if status.pages.done > 0 {
                ensure!(status.pages.pending > 0, "the job ended before it was midway: {status:?}");
                return Ok(status);
            }
            ensure!(Instant::now() < deadline, "no page is done: {status:?}; {}", self.log());
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// Runs a command to its end, which answers in JSON lines.
pub fn run(environment: &Environment, folder: &Path, arguments: &[&str]) -> anyhow::Result<Ran> {
    let arguments = [arguments, &["--json"]].concat();
    Ran::new(wrapped(&["timeout", COMMAND_WITHIN], &arguments, environment, folder)?.output()?)
}

fn wrapped(
    wrapper: &[&str],
    arguments: &[&str],
    environment: &Environment,
    folder: &Path,
) -> anyhow::Result<Command> {
    let (program, options) = wrapper.split_first().context("a wrapper is a program")?;
    let mut command = Command::new(program);
    command.args(options).arg(quire::program("quire")?).args(arguments);
    environment.give(&mut command, folder);
    Ok(command)
}

fn serve(address: SocketAddr, environment: &Environment, folder: &Path) -> anyhow::Result<Process> {
    let arguments = ["serve", "--listen", &address.to_string()];
    Process::start("quire", &arguments, address, environment, folder)
}

fn submission<'a>(documents: &[&'a Path], more: &[&'a str]) -> anyhow::Result<Vec<&'a str>> {
    let mut arguments = vec!["submit"];
    arguments.extend(more);
    for document in documents {
        arguments.push(document.to_str().context("paths of tests are text")?);
    }
    Ok(arguments)
}

/// The last line of a command that says where a job stands.
pub fn last_status(ran: &Ran) -> anyhow::Result<JobStatus> {
    let last = ran.events.last().with_context(|| format!("exit code {:?}: {}", ran.code, ran.stderr))?;
    serde_json::from_value(last.clone()).with_context(|| format!("{last} is no status"))
}
