//! The tour of a fleet: private servers, a coordinator, two workers, one job, and its results.
//!
//! ```text
//!  servers ─▶ serve, two workers ─▶ submit ─▶ watch ─▶ failures ─▶ results ─▶ verify ─▶ stop all of it
//! ```
//!
//! Every command is shown as a person would type it. One invariant: nothing that was
//! started outlives the tour, whether it ends well, badly or by Ctrl-C.

use std::{
    io::Read,
    path::PathBuf,
    process::{Child, Stdio},
    time::Duration,
};

use anyhow::{Context, bail, ensure};
use quire_cli::Exit;
use tokio_util::sync::CancellationToken;

use super::{CoordinatorProcess, Fleet, Process, Servers};

const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What the tour is about.
#[derive(Debug)]
pub struct Tour {
    /// A document or a folder of them.
    pub documents: PathBuf,
    /// Folder for the results.
    pub out: PathBuf,
}

/// Starts servers and takes the tour on them; returns the exit code.
pub async fn run(tour: &Tour, shutdown: &CancellationToken) -> anyhow::Result<u8> {
    ensure!(tour.documents.exists(), "{} is not there", tour.documents.display());
    println!("starting RabbitMQ, Redis and an S3 server, for this tour alone");
    let servers = Servers::start()?;
    let fleet = servers.fleet()?;
    tokio::select! {
        biased;
        () = shutdown.cancelled() => bail!("interrupted; everything is stopped"),
        ended = one_job(tour, &fleet) => ended,
    }
}

/// Takes the tour on servers that run; returns the exit code of `quire`, but 0 for 3: failed pages are part of a tour.
pub async fn one_job(tour: &Tour, fleet: &Fleet) -> anyhow::Result<u8> {
    println!("starting a coordinator and two workers");
    let mut workers = [fleet.start_worker()?, fleet.start_worker()?];
    let mut coordinator = fleet.coordinator().await?;
    for worker in &mut workers {
        worker.until_ready().await?;
    }
    let ended = commands(tour, &coordinator).await?;
    println!("stopping workers and coordinator");
    stop(workers.iter_mut().chain([&mut *coordinator])).await?;
    if ended == Exit::Done.code() {
        println!("results are in {}", tour.out.display());
    }
    Ok(ended)
}

async fn commands(tour: &Tour, coordinator: &CoordinatorProcess) -> anyhow::Result<u8> {
    let shell = Shell { coordinator };
    let (documents, out) = (tour.documents.to_string_lossy(), tour.out.to_string_lossy());
    let (submitted, job) = shell.ask(&["submit", &documents]).await?;
    let job = job.trim();
    if job.is_empty() {
        return Ok(submitted);
    }
    let watched = shell.show(&["watch", job]).await?;
    if watched == Exit::Partial.code() {
        shell.show(&["failures", job]).await?;
    } else if watched != Exit::Done.code() {
        return Ok(watched);
    }
    let written = shell.show(&["results", job, "--out", &out]).await?;
    let verified = shell.show(&["verify", job]).await?;
    shell.show(&["status", job]).await?;
    let partial = written == Exit::Partial.code();
    Ok(if partial || written == Exit::Done.code() { verified } else { written })
}

async fn stop(processes: impl Iterator<Item = &mut Process>) -> anyhow::Result<()> {
    for process in processes {
        let (status, _) = process.drain().await?;
        ensure!(status.success(), "stopped with {status}: {}", process.log());
    }
    Ok(())
}

/// Types commands.
struct Shell<'a> {
    coordinator: &'a CoordinatorProcess,
}

impl Shell<'_> {
    /// Runs a command whose output people see.
    async fn show(&self, arguments: &[&str]) -> anyhow::Result<u8> {
        println!("$ quire {}", arguments.join(" "));
        Typed(self.coordinator.command(arguments)?.spawn()?).end().await
    }

    /// Runs a command and returns what it says.
    async fn ask(&self, arguments: &[&str]) -> anyhow::Result<(u8, String)> {
        println!("$ quire {}", arguments.join(" "));
        let mut command = Typed(self.coordinator.command(arguments)?.stdout(Stdio::piped()).spawn()?);
        let code = command.end().await?;
        let mut said = String::new();
        command.0.stdout.take().context("stdout is piped")?.read_to_string(&mut said)?;
        print!("{said}");
        Ok((code, said))
    }
}

/// A command that was typed. Killed on drop.
struct Typed(Child);

impl Typed {
    /// Waits for its end.
    async fn end(&mut self) -> anyhow::Result<u8> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                let code = status.code().and_then(|code| u8::try_from(code).ok());
                return code.with_context(|| format!("the command ended with {status}"));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

impl Drop for Typed {
    fn drop(&mut self) {
        // One that has ended is what we want.
        self.0.kill().unwrap_or_default();
        drop(self.0.wait());
    }
}
