//! Log lines go to stderr, above the progress bar when there is one.

use std::io::{self, Write};

use indicatif::ProgressBar;
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::args::Common;

/// Environment variable with a filter such as `quire_worker=debug`, which overrides `-q` and `-v`.
const FILTER: &str = "QUIRE_LOG";

/// Starts logging; lines are written while `bar` steps aside.
pub(crate) fn start(common: &Common, bar: ProgressBar) {
    let level = match (common.quiet, common.verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "info",
        (false, _) => "debug",
    };
    let filter = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new(level));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(AboveBar(bar))
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .without_time()
        .with_target(common.verbose > 1);
    // A second call happens only in tests; the first subscriber stays.
    drop(subscriber.try_init());
}

/// Starts logging of a service, which tells of its life too: each line with its time.
pub(crate) fn start_service(common: &Common) {
    let level = match (common.quiet, common.verbose) {
        (true, _) => "error",
        (false, 0) => "info",
        (false, _) => "debug",
    };
    let filter = EnvFilter::try_from_env(FILTER).unwrap_or_else(|_| EnvFilter::new(level));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()));
    // A second call happens only in tests; the first subscriber stays.
    drop(subscriber.try_init());
}

struct AboveBar(ProgressBar);

impl<'a> MakeWriter<'a> for AboveBar {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(&self.0)
    }
}

/// One log line; the formatter writes it in one piece.
struct Line<'a>(&'a ProgressBar);

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
