//! The `quire` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    quire_cli::run(std::env::args_os())
}
