//! `quire cancel`: gives a job up.

use super::jobs;
use crate::{Exit, args::OfJob, client::Client, config::Config};

/// Cancels the job; it ends within seconds.
pub(super) fn run(config: &Config, arguments: &OfJob) -> anyhow::Result<Exit> {
    let status = Client::new(config, &arguments.client).post(arguments.job, "cancel")?;
    jobs::say(&status, arguments.client.json)?;
    Ok(Exit::Done)
}
