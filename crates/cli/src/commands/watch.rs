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
    client::{Away, Client, print_json},
    config::Config,
    progress,
};

/// Shortest time between two looks.
const BREATH: Duration = Duration::from_millis(500);

/// Seconds that the coordinator waits for pages before it answers.
const WAIT: u64 = 2;

/// Longest that the coordinator may be away. It is started again in that time, or not at all.
const AWAY_FOR: Duration = Duration::from_secs(60);

/// Watches the job.
pub(super) fn run(config: &Config, arguments: &OfJob, bar: &ProgressBar) -> anyhow::Result<Exit> {
    watch(&Client::waiting(config, &arguments.client)?, arguments.job, arguments.client.json, bar)
}

/// Shows the job until it is finished; says at the end what it came to.
pub(super) fn watch(client: &Client, job: JobId, json: bool, bar: &ProgressBar) -> anyhow::Result<Exit> {
    let mut cursor = None;
    let mut last: Option<JobStatus> = None;
    let mut answered = Instant::now();
    loop {
        let began = Instant::now();
        let status: JobStatus = match client.of_job(job, "") {
            Ok(status) => status,
            // One that never answered is looked for in the wrong place.
            Err(error) if last.is_some() && error.is::<Away>() && answered.elapsed() < AWAY_FOR => {
                bar.set_message("the coordinator does not answer");
                thread::sleep(BREATH);
                continue;
            }
            Err(error) => return Err(error),
        };
        answered = Instant::now();
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
        // Nothing but time tells of a plan, of the end after the last page, and of the end of a cancelled job.
        if status.phase == Phase::Running && status.pages.pending > 0 {
            wait(client, job, &mut cursor);
        }
        last = Some(status);
        thread::sleep(BREATH.saturating_sub(began.elapsed()));
    }
}

/// Waits until something happened. Without progress, time alone is waited for.
fn wait(client: &Client, job: JobId, cursor: &mut Option<u64>) {
    let query = cursor.map_or_else(String::new, |after| format!("?after={after}&wait={WAIT}"));
    *cursor = client.of_job::<JobEvents>(job, &format!("/events{query}")).ok().map(|events| events.cursor);
}

fn show(status: &JobStatus, bar: &ProgressBar) {
    progress::show(bar, (status.pages.decided(), status.pages.submitted()), "pages", message(status));
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
