//! Settings that follow what is measured while pages are read.
//!
//! ```text
//!  render children ─┐                                              ┌─▶ places at the render children
//!  networks        ─┼─ totals ─▶ window ─▶ controller ─▶ settings ─┤
//!  memory          ─┘   four times a second  (pure)                └─▶ limits of the batches
//! ```
//!
//! Text never depends on it: settings say when and with what company an item is computed, never how. What the
//! configuration names is left alone, and no setting passes what the configuration starts or bounds: children that
//! run, memory for pages, pixels of a call.

mod climb;
mod controller;
mod feed;
mod setting;
#[cfg(test)]
mod simulation;
mod window;

use std::time::{Duration, Instant};

use tokio::time::sleep;
use tracing::debug;

use crate::trace::Trace;

pub(crate) use controller::{Controller, Params};
#[cfg(test)]
pub(crate) use setting::Ladder;
pub(crate) use setting::{ChildrenSetting, Setting, ladders};
pub(crate) use window::Totals;

/// Length of a window: a setting is settled within forty.
pub(crate) const WINDOW: Duration = Duration::from_millis(250);

/// What is tuned: it counts, and takes settings.
pub(crate) trait Tuned: Send + 'static {
    /// What was counted; none when there is nothing left to tune.
    fn totals(&self) -> Option<Totals>;

    /// Changes a setting.
    fn apply(&self, setting: Setting);
}

/// Looks at `tuned` after every `window`, and sets what `controller` says, as long as there is something to tune.
pub(crate) async fn run(tuned: impl Tuned, mut controller: Controller, window: Duration, trace: Trace) {
    trace.tuned(None, &controller.settings());
    let (mut before, mut since) = (tuned.totals().unwrap_or_default(), Instant::now());
    loop {
        sleep(window).await;
        let Some(now) = tuned.totals() else { return };
        let seen = window::Window::between(&before, &now, since.elapsed());
        (before, since) = (now, Instant::now());
        for setting in controller.next(&seen) {
            debug!(%setting, "tuned");
            tuned.apply(setting);
            trace.tuned(Some(setting), &controller.settings());
        }
    }
}
