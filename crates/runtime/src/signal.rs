//! SIGINT or SIGTERM: once to drain, twice to leave.

use std::io;

use signal_hook::low_level;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// What a shell expects of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Cancels `shutdown` at the first signal and ends the process at the second,
/// as [`leave`](crate::leave) does but without waiting for whoever reads its output.
///
/// Resolves never: run it beside the work and drop it when the work is done.
/// The signals are caught from the first poll on, for the rest of the process.
pub async fn cancel_on_signal(shutdown: CancellationToken) -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    either(&mut interrupt, &mut terminate).await;
    warn!("stopping after the pages at hand; once more to leave at once");
    shutdown.cancel();
    either(&mut interrupt, &mut terminate).await;
    low_level::exit(INTERRUPTED)
}

async fn either(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
