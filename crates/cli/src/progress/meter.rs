//! The progress bar: pages done, pages per second, what remains, failures.

use std::{
    collections::HashMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use quire_proto::Ledger;

use super::Event;

/// Counts pages of all documents.
pub(super) struct Meter {
    started: Instant,
    documents: HashMap<PathBuf, Ledger>,
    failed_documents: usize,
}

impl Meter {
    pub(super) fn new(started: Instant) -> Self {
        Self { started, documents: HashMap::new(), failed_documents: 0 }
    }

    pub(super) fn count(&mut self, event: &Event<'_>) {
        match event {
            Event::DocumentStarted { path, pages, .. } => {
                let ledger = Ledger { pending: *pages, ..Ledger::default() };
                self.documents.insert(path.to_path_buf(), ledger);
            }
            Event::Pages { path, pages } | Event::DocumentDone { path, pages, .. } => {
                self.documents.insert(path.to_path_buf(), *pages);
            }
            Event::DocumentFailed { .. } => self.failed_documents += 1,
            Event::RunStarted { .. } | Event::Summary(_) => {}
        }
    }

    pub(super) fn show(&self, bar: &ProgressBar, now: Instant) {
        let pages: Ledger = self.documents.values().copied().sum();
        show(bar, (pages.decided(), pages.submitted()), "pages", self.message(&pages, now));
    }

    fn message(&self, pages: &Ledger, now: Instant) -> String {
        let seconds = now.duration_since(self.started).as_secs_f64();
        let rate = if seconds > 0.0 { pages.decided() as f64 / seconds } else { 0.0 };
        let mut message = format!("{rate:.1} pages/s");
        if rate > 0.0 && pages.pending > 0 {
            let left = Duration::from_secs_f64(pages.pending as f64 / rate);
            message += &format!(", {} left", HumanDuration(left));
        }
        if pages.failed > 0 {
            message += &format!(", {} failed", counted(pages.failed, "page"));
        }
        if self.failed_documents > 0 {
            message += &format!(", {} failed", counted(self.failed_documents as u64, "document"));
        }
        message
    }
}

/// `1 page`, `2 pages`.
pub(super) fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Shows how many of how many `things` are done; the message alone while nobody knows how many there are.
pub(crate) fn show(bar: &ProgressBar, (done, all): (u64, u64), things: &str, message: String) {
    bar.set_style(style(all, things));
    bar.update(|state| {
        state.set_len(all);
        state.set_pos(done);
    });
    bar.set_message(message);
}

/// How the bar looks.
fn style(all: u64, things: &str) -> ProgressStyle {
    let template =
        if all == 0 { "{msg}".to_owned() } else { format!("{{wide_bar}} {{pos}}/{{len}} {things}, {{msg}}") };
    ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_message_says_speed_rest_and_failures() {
        let started = Instant::now();
        let mut meter = Meter::new(started);
        let pages = Ledger { done: 8, failed: 2, pending: 10, ..Ledger::default() };

        meter.count(&Event::Pages { path: Path::new("a.pdf"), pages });

        let message = meter.message(&pages, started + Duration::from_secs(5));
        assert_eq!(message, "2.0 pages/s, 5 seconds left, 2 pages failed");
    }
}
