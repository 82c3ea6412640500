//! `quire verify`: every result of a job against its manifest.

use quire_coordinator::jobs::Verification;

use crate::{
    Exit,
    args::OfJob,
    client::{Client, print_json},
    config::Config,
};

/// Verifies the job; anything that is wrong is code 1.
pub(super) fn run(config: &Config, arguments: &OfJob) -> anyhow::Result<Exit> {
    let client = Client::new(config, &arguments.client)?;
    let found: Verification = client.of_job(arguments.job, "/verify")?;
    if arguments.client.json {
        print_json(&found)?;
    } else {
        found.problems.iter().for_each(|problem| println!("wrong: {problem}"));
        let (pages, objects) = (found.pages.submitted(), found.objects);
        println!("{pages} pages in {objects} objects, {} bytes: {} wrong", found.bytes, found.problem_count);
    }
    Ok(if found.sound { Exit::Done } else { Exit::Other })
}
