//! What native libraries read from the environment, which must stand before the process starts.

use std::{env, io, os::unix::process::CommandExt, process::Command};

/// ONNX Runtime collects usage figures in a database below the user's cache folder, and goes on doing so
/// when its programming interface is told not to. It obeys this variable.
const NO_TELEMETRY: &str = "ORT_DISABLE_TELEMETRY";

/// Starts this program again, in this very process, with telemetry of native libraries off.
///
/// Returns only where nothing is left to do, or where starting again failed. What the user set is kept.
/// Changing the environment of a running process is not safe; this is.
pub fn without_telemetry() -> io::Result<()> {
    if env::var_os(NO_TELEMETRY).is_some() {
        return Ok(());
    }
    let mut arguments = env::args_os();
    let mut again = Command::new(env::current_exe()?);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    Err(again.args(arguments).env(NO_TELEMETRY, "1").exec())
}
