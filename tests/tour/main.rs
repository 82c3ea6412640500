//! `quire-fleet-tour [DOCUMENTS [OUT]]`: a whole fleet on this machine, for one job, in one command.

use std::{path::PathBuf, process::ExitCode};

use quire_tests::{
    fleet::tour::{self, Tour},
    sample,
};
use tokio_util::sync::CancellationToken;

// One thread starts everything and lives to the end: what it started ends with it, however it ends.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let documents = arguments.next().unwrap_or_else(|| sample(""));
    let out = arguments.next().unwrap_or_else(|| PathBuf::from("out"));
    let shutdown = CancellationToken::new();
    let signals = tokio::spawn(quire_runtime::cancel_on_signal(shutdown.clone()));
    // Servers start without a pause in which signals could be caught for the first time.
    tokio::task::yield_now().await;
    let ended = tour::run(&Tour { documents, out }, &shutdown).await;
    signals.abort();
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("quire-fleet-tour: {error:#}");
            ExitCode::FAILURE
        }
    }
}
