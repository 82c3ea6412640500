//! The `quire-bench` command: each subcommand measures, prints a table and checks its bars.

use clap::{Parser, Subcommand};
use quire_bench::commands::{
    accuracy, calibrate, fleet, fleet_worker, modes, peers, robustness, speed, text_layer, tune,
};

/// Measures quire: accuracy, speed, robustness.
///
/// Ends with 0 when all bars hold, 3 when one does not, 1 when it could not measure.
#[derive(Debug, Parser)]
#[command(name = "quire-bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Error rates, tables, reading order and headings against the truth of the corpus
    Accuracy(accuracy::Options),
    /// The text that pdfium finds, against the text that quire writes
    TextLayer(text_layer::Options),
    /// The same scanned pages through quire, OCRmyPDF and RapidOCR
    Peers(peers::Options),
    /// Born-digital pages per second, the first page, memory
    Speed(speed::Options),
    /// Sequential, rendered ahead, staged and streaming: the same pages through the same networks
    Modes(modes::Options),
    /// Try settings on this machine and write the fastest as a configuration
    Tune(tune::Options),
    /// Measure between which numbers a network computes, for `ranges` of a manifest
    Calibrate(calibrate::Options),
    /// Odd and hostile files
    Robustness(robustness::Options),
    /// Queue, store, progress and coordinator around the pages
    Fleet(fleet::Options),
    /// Works in a fleet until a signal, at a fixed cost per page
    FleetWorker(fleet_worker::Options),
}

fn main() {
    let measured = match Cli::parse().command {
        Command::Accuracy(options) => accuracy::run(&options),
        Command::TextLayer(options) => text_layer::run(&options),
        Command::Peers(options) => peers::run(&options),
        Command::Speed(options) => speed::run(&options),
        Command::Modes(options) => modes::run(&options),
        Command::Tune(options) => tune::run(&options),
        Command::Calibrate(options) => calibrate::run(&options),
        Command::Robustness(options) => robustness::run(&options),
        Command::Fleet(options) => fleet::run(&options),
        Command::FleetWorker(options) => fleet_worker::run(&options),
    };
    let code = match measured {
        Ok(true) => 0,
        Ok(false) => 3,
        Err(error) => {
            eprintln!("quire-bench: {error:#}");
            1
        }
    };
    quire_runtime::leave(code)
}
