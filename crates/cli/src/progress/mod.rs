//! What a run says while it works: events for machines, a bar or lines for people.
//!
//! ```text
//!  Event ─▶ Reporter ─┬▶ stdout: JSON lines              (--json)
//!                     ├▶ stderr: progress bar            (a terminal)
//!                     └▶ stderr: one line per document   (anything else)
//! ```

mod event;
mod lines;
mod meter;
mod summary;

use std::{
    io::{self, IsTerminal, Write},
    time::Instant,
};

pub(crate) use event::{Event, PageProblem};
use indicatif::{ProgressBar, ProgressDrawTarget};
pub(crate) use meter::show;
pub(crate) use summary::Summary;

/// Tells people or machines what happens.
pub(crate) struct Reporter {
    json: bool,
    quiet: bool,
    bar: ProgressBar,
    meter: meter::Meter,
}

impl Reporter {
    /// A reporter that writes JSON lines to stdout when `json` is set. The bar shows on terminals only.
    pub(crate) fn new(json: bool, quiet: bool, bar: ProgressBar) -> Self {
        Self { json, quiet, bar, meter: meter::Meter::new(Instant::now()) }
    }

    /// Says what happened.
    pub(crate) fn report(&mut self, event: &Event<'_>) {
        self.meter.count(event);
        if self.json {
            self.write_json(event);
        }
        if !self.quiet {
            self.meter.show(&self.bar, Instant::now());
            // With --json, people read the lines only where no bar is drawn.
            if let Some(line) = lines::line(event, self.bar.is_hidden()) {
                self.bar.suspend(|| eprintln!("{line}"));
            }
        }
    }

    /// Takes the bar away: what follows on stderr is the summary.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn write_json(&self, event: &Event<'_>) {
        let Ok(mut line) = serde_json::to_vec(event) else { return };
        line.push(b'\n');
        // A reader that went away does not stop the conversion.
        drop(self.bar.suspend(|| io::stdout().write_all(&line)));
    }
}

/// A bar on stderr; it stays hidden until the first event, and for ever where stderr is no terminal.
pub(crate) fn bar(wanted: bool) -> ProgressBar {
    let bar = ProgressBar::new(0);
    let shown = wanted && io::stderr().is_terminal();
    bar.set_draw_target(if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() });
    bar
}
