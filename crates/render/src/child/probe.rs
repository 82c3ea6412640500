//! A test mode: enter the sandbox and try what it forbids.
//!
//! Prints the level, then one line for each try: `denied open`, or `ALLOWED open`.

use std::{
    fs::File,
    io::Write,
    net::{SocketAddr, TcpStream},
    process::{Command, ExitCode},
    time::Duration,
};

use super::{arguments::Arguments, sandbox};
use crate::channel::Channel;

/// Tries everything; fails when something was allowed.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    let Ok((channel, _other)) = Channel::pair() else { return ExitCode::FAILURE };
    let level = sandbox::enter(arguments, &channel);
    let tries: [(&str, bool); 8] = [
        ("open", File::open("/etc/passwd").is_ok()),
        ("create", File::create("/tmp/quire-probe").is_ok()),
        ("stat", std::fs::metadata("/etc/passwd").is_ok()),
        ("connect", connects()),
        ("spawn", Command::new("/bin/true").status().is_ok()),
        ("fork", forks()),
        ("exec", execs()),
        ("ptrace", traces()),
    ];
    let mut report = format!("level: {level}\n");
    for (name, allowed) in tries {
        report.push_str(if allowed { "ALLOWED " } else { "denied " });
        report.push_str(name);
        report.push('\n');
    }
    let written = std::io::stdout().write_all(report.as_bytes()).is_ok();
    if written && tries.iter().all(|(_, allowed)| !allowed) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether a connection can be tried: that nobody listens there is no denial.
fn connects() -> bool {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 9));
    match TcpStream::connect_timeout(&nobody, Duration::from_millis(200)) {
        Ok(_) => true,
        Err(error) => error.kind() != std::io::ErrorKind::PermissionDenied,
    }
}

fn forks() -> bool {
    // SAFETY: this process has one thread; the copy, should there be one, ends at once.
    match unsafe { libc::fork() } {
        // SAFETY: ends the copy without running anything else of ours.
        0 => unsafe { libc::_exit(0) },
        pid => pid > 0,
    }
}

/// Comes back only when denied, or when there is no such program.
fn execs() -> bool {
    let arguments = [c"/bin/true".as_ptr(), std::ptr::null()];
    // SAFETY: both are terminated lists of terminated strings.
    unsafe { libc::execv(arguments[0], arguments.as_ptr()) };
    std::io::Error::last_os_error().kind() != std::io::ErrorKind::PermissionDenied
}

fn traces() -> bool {
    // SAFETY: asks to be traced by the parent, which changes no memory.
    unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) >= 0 }
}
