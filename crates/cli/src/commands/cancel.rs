//! `quire cancel`: gives a job up.

use super::jobs;
use crate::{Exit, args::OfJob, client::Client, config::Config};

/// Cancels the job; it ends within seconds.
pub(super) fn run(config: &Config, arguments: &OfJob) -> anyhow::Result<Exit> {
    let client = Client::new(config, &arguments.client)?;
    let status = client.post(arguments.job, "cancel")?;
    jobs::say(&status, arguments.client.json)?;
    jobs::say_if_left(&client, &status);
    Ok(Exit::Done)
}
