//! The `quire-worker` command.

fn main() {
    if let Err(error) = quire_runtime::environment::without_telemetry() {
        eprintln!("quire-worker: start again with telemetry of native libraries off: {error}");
        quire_runtime::leave(quire_cli::Exit::Other.code());
    }
    quire_runtime::leave(quire_cli::run_worker(std::env::args_os()).code())
}
