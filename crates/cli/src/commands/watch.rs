//! `quire watch`: a bar that moves until the job is finished.

use std::{
    thread,
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, ProgressBar};
use quire_coordinator::jobs::{JobStatus, Phase};
use quire_proto::JobId;

use super::jobs;
use crate::{
    Exit,
    api::types::JobEvents,
    args::OfJob,
    client::{Client, print_json},
    config::Config,
};

/// Shortest time between two looks.
const BREATH: Duration = Duration::from_millis(500);

/// Seconds that the coordinator waits for something to happen before it answers.
const WAIT: u64 = 5;

/// Watches the job.
pub(super) fn run(config: &Config, arguments: &OfJob, bar: &ProgressBar) -> anyhow::Result<Exit> {
    watch(&Client::new(config, &arguments.client), arguments.job, arguments.client.json, bar)
}

/// Shows the job until it is finished; says at the end what it came to.
pub(super) fn watch(client: &Client, job: JobId, json: bool, bar: &ProgressBar) -> anyhow::Result<Exit> {
    let mut cursor = None;
    let mut last = None;
    loop {
        let began = Instant::now();
        let status: JobStatus = client.of_job(job, "")?;
        show(&status, bar);
        if json && last.as_ref() != Some(&status) {
            print_json(&status)?;
        }
        if status.phase == Phase::Finished {
            bar.finish_and_clear();
            if !json {
                println!("{}", jobs::line(&status));
            }
            return Ok(jobs::exit(&status));
        }
        last = Some(status);
        wait(client, job, &mut cursor);
        thread::sleep(BREATH.saturating_sub(began.elapsed()));
    }
}

/// Waits until something happened. Without progress, time alone is waited for.
fn wait(client: &Client, job: JobId, cursor: &mut Option<u64>) {
    let query = cursor.map_or_else(String::new, |after| format!("?after={after}&wait={WAIT}"));
    *cursor = client.of_job::<JobEvents>(job, &format!("/events{query}")).ok().map(|events| events.cursor);
}

fn show(status: &JobStatus, bar: &ProgressBar) {
    bar.set_length(status.pages.submitted());
    bar.set_position(status.pages.decided());
    bar.set_message(message(status));
}

fn message(status: &JobStatus) -> String {
    let mut message = match status.rate {
        Some(rate) if status.phase == Phase::Running => format!("{rate:.1} pages/s"),
        _ => jobs::phase(status.phase).to_owned(),
    };
    if let Some(rate) = status.rate.filter(|rate| *rate > 0.0 && status.pages.pending > 0) {
        let left = Duration::from_secs_f64(status.pages.pending as f64 / rate);
        message += &format!(", {} left", HumanDuration(left));
    }
    if status.pages.failed > 0 {
        message += &format!(", {} failed", status.pages.failed);
    }
    if status.stale {
        message += ", progress is not to be had";
    }
    message
}
