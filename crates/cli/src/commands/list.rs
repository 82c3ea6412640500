//! `quire list`: the jobs of a tenant.

use quire_coordinator::jobs::{JobEntry, JobList};

use super::jobs;
use crate::{
    Exit,
    args::List,
    client::{Client, print_json},
    config::Config,
};

/// Lists all jobs, however many pages of the list there are.
pub(super) fn run(config: &Config, arguments: &List) -> anyhow::Result<Exit> {
    for_each(&Client::new(config, &arguments.client)?, |entry| {
        if arguments.client.json {
            return print_json(&entry);
        }
        let JobEntry { job, collection, phase, documents, name, .. } = entry;
        let name = collection.unwrap_or(name);
        println!("{job} {}: {documents} documents, {name}", jobs::phase(phase));
        Ok(())
    })?;
    Ok(Exit::Done)
}

/// Takes all jobs, one after the other.
pub(super) fn for_each(
    client: &Client,
    mut take: impl FnMut(JobEntry) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut path = "/v1/jobs".to_owned();
    loop {
        let JobList { jobs, next } = client.get(&path)?;
        jobs.into_iter().try_for_each(&mut take)?;
        let Some(next) = next else { return Ok(()) };
        path = format!("/v1/jobs?after={next}");
    }
}
