//! `quire failures`: what of a job could not be read, and why.

use quire_coordinator::jobs;

use crate::{
    Exit,
    args::Failures,
    client::{Client, print_json},
    config::Config,
};

/// Lists failures; the exit code says whether there are any.
pub(super) fn run(config: &Config, arguments: &Failures) -> anyhow::Result<Exit> {
    let client = Client::new(config, &arguments.client)?;
    let failures: jobs::Failures =
        client.of_job(arguments.job, &format!("/failures?limit={}", arguments.limit))?;
    if arguments.client.json {
        print_json(&failures)?;
    } else {
        print(&failures);
    }
    let none = failures.documents.is_empty() && failures.pages.is_empty() && failures.parked.is_empty();
    Ok(if none { Exit::Done } else { Exit::Partial })
}

fn print(failures: &jobs::Failures) {
    for failed in &failures.documents {
        let jobs::FailedDocument { names, failure, .. } = failed;
        println!("{}: {} ({})", names.join(", "), failure.message, failure.class);
    }
    for failed in &failures.pages {
        let jobs::FailedPage { name, page, failure, .. } = failed;
        println!("{name} page {page}: {} ({})", failure.message, failure.class.name());
    }
    for parked in &failures.parked {
        let jobs::ParkedRange { document, range, attempts } = parked;
        println!("{document} pages {range}: given up after {attempts} attempts");
    }
    if failures.more {
        eprintln!("quire: there are more pages: raise --limit, up to 1000");
    }
}
