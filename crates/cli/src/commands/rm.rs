//! `quire rm`: removes the records of a finished job.

use crate::{Exit, args::OfJob, client::Client, config::Config};

/// Removes the job; documents and results stay in the store, for other jobs may refer to them.
pub(super) fn run(config: &Config, arguments: &OfJob) -> anyhow::Result<Exit> {
    Client::new(config, &arguments.client)?.remove(arguments.job)?;
    Ok(Exit::Done)
}
