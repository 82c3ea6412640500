//! The quire command: one file per subcommand, and the only place that names adapters.
//!
//! ```text
//!  args ─▶ config ─▶ commands/{convert, setup, doctor}
//!                        │
//!      inputs ─▶ outputs ┼─▶ embedded (coordinator + worker in one process) ─▶ machine
//!                        └─▶ progress, summary ─▶ exit code
//!
//!  commands/{submit, status, watch, …} ─▶ client ── HTTP ──▶ api ◀─ fleet/host ─▶ coordinator
//!                                           └─ --direct ─▶ fleet/direct ─┘ └─ commands/serve
//!
//!  quire-worker ─▶ config ─▶ fleet/{connect, health, worker} ─▶ machine (render children, models)
//! ```
//!
//! What must stay true: stdout is for machines, stderr for people.

pub mod api;
pub mod args;
mod client;
mod commands;
pub mod config;
pub mod debug_images;
mod embedded;
mod exit;
pub mod fleet;
mod inputs;
mod logging;
pub mod machine;
mod outputs;
mod profile;
mod progress;

use std::ffi::OsString;

use clap::Parser;

pub use exit::Exit;

/// Runs `quire-worker` with these arguments, the program's name first.
pub fn run_worker(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let options = match fleet::WorkerOptions::try_parse_from(arguments) {
        Ok(options) => options,
        Err(error) => error.exit(),
    };
    match fleet::run_worker(&options) {
        Ok(()) => Exit::Done,
        Err(error) => {
            eprintln!("quire-worker: {error:#}");
            commands::exit_of(&error)
        }
    }
}

/// Runs the command with these arguments, the program's name first.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match args::Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match commands::run(&cli) {
        Ok(exit) => exit,
        Err(error) => {
            eprintln!("quire: {error:#}");
            commands::exit_of(&error)
        }
    }
}
