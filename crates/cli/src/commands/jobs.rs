//! What the commands about jobs have in common: how a status reads, and what it means for the shell.

use quire_coordinator::jobs::{JobStatus, Phase};
use quire_proto::Ledger;

use crate::{
    Exit,
    client::{Client, print_json},
};

/// The exit code that a job comes to.
pub(super) fn exit(status: &JobStatus) -> Exit {
    let Ledger { failed, cancelled, .. } = status.pages;
    if status.phase != Phase::Finished {
        Exit::Other
    } else if status.documents > 0 && status.failed_documents == status.documents {
        Exit::Unusable
    } else if failed + cancelled > 0 || status.failed_documents > 0 {
        Exit::Partial
    } else {
        Exit::Done
    }
}

/// One line for people.
pub(super) fn line(status: &JobStatus) -> String {
    let Ledger { done, blank, failed, cancelled, pending } = status.pages;
    let mut line = format!(
        "{} {}: {} pages = {done} done + {blank} blank + {failed} failed + {cancelled} cancelled + {pending} pending",
        status.job,
        phase(status.phase),
        status.pages.submitted(),
    );
    if status.failed_documents > 0 {
        line += &format!("; {} of {} documents failed", status.failed_documents, status.documents);
    }
    if let Some(rate) = status.rate.filter(|_| status.phase == Phase::Running) {
        line += &format!("; {rate:.1} pages/s");
    }
    if status.stale {
        line += "; progress is not to be had, so this may be behind";
    }
    line
}

/// A phase for people.
pub(super) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Planning => "planning",
        Phase::Running => "running",
        Phase::Cancelling => "cancelling",
        Phase::Finished => "finished",
    }
}

/// Says that a job is open and that nobody may be there to run it.
pub(super) fn say_if_left(client: &Client, status: &JobStatus) {
    if client.leaves_jobs() && status.phase != Phase::Finished {
        let job = status.job;
        eprintln!("quire: the job is open: `quire serve` runs it, and so does `quire watch {job} --direct`");
    }
}

/// Says where a job stands.
pub(super) fn say(status: &JobStatus, json: bool) -> anyhow::Result<()> {
    if json {
        return print_json(status);
    }
    println!("{}", line(status));
    Ok(())
}
