//! `quire retry`: tries again what failed.

use indicatif::ProgressBar;
use quire_coordinator::jobs::JobStatus;

use super::{jobs, watch::watch};
use crate::{Exit, args::Retry, client::Client, config::Config};

/// Starts the job that tries again, and says which it is.
pub(super) fn run(config: &Config, arguments: &Retry, bar: &ProgressBar) -> anyhow::Result<Exit> {
    let client = if arguments.wait {
        Client::waiting(config, &arguments.client)?
    } else {
        Client::new(config, &arguments.client)?
    };
    let status: JobStatus = client.post(arguments.job, "retry")?;
    if status.job == arguments.job {
        eprintln!("quire: nothing in this job has failed yet");
    }
    if arguments.wait {
        return watch(&client, status.job, arguments.client.json, bar);
    }
    jobs::say(&status, arguments.client.json)?;
    jobs::say_if_left(&client, &status);
    Ok(Exit::Done)
}
