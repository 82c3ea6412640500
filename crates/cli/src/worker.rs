//! The `quire-worker` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    if let Err(error) = quire_runtime::environment::without_telemetry() {
        eprintln!("quire-worker: start again with telemetry of native libraries off: {error}");
        return ExitCode::FAILURE;
    }
    quire_cli::run_worker(std::env::args_os())
}
