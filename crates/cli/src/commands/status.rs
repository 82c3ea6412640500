//! `quire status`: where jobs stand.

use quire_coordinator::jobs::{JobStatus, Phase};

use super::{jobs, list};
use crate::{Exit, args::Status, client::Client, config::Config};

/// Says where the job stands, or all that are not finished.
pub(super) fn run(config: &Config, arguments: &Status) -> anyhow::Result<Exit> {
    let client = Client::new(config, &arguments.client)?;
    let json = arguments.client.json;
    if let Some(job) = arguments.job {
        let status: JobStatus = client.of_job(job, "")?;
        jobs::say(&status, json)?;
        return Ok(if status.phase == Phase::Finished { jobs::exit(&status) } else { Exit::Done });
    }
    list::for_each(&client, |entry| {
        if entry.phase == Phase::Finished {
            return Ok(());
        }
        jobs::say(&client.of_job(entry.job, "")?, json)
    })?;
    Ok(Exit::Done)
}
