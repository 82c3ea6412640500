//! One owner for each child process: it kills and it waits, so no child is left behind.

use std::{
    io,
    os::fd::OwnedFd,
    process::{Child, Command, ExitStatus, Stdio},
};

/// A running child that dies with its owner.
pub(crate) struct ReapedChild(Child);

impl ReapedChild {
    /// Starts `command` with nothing of ours but `socket`, which becomes its standard input.
    pub(crate) fn spawn(mut command: Command, socket: OwnedFd) -> io::Result<Self> {
        command
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(socket))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Self)
    }

    /// Kills the child if it still runs, and waits for its end. A child that died by itself keeps its own status.
    pub(crate) fn end(&mut self) -> io::Result<ExitStatus> {
        self.0.kill()?;
        self.0.wait()
    }

    /// Resident memory in bytes; `None` where the system does not tell.
    pub(crate) fn resident_bytes(&self) -> Option<u64> {
        let statm = std::fs::read_to_string(format!("/proc/{}/statm", self.0.id())).ok()?;
        let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
        Some(pages * rustix::param::page_size() as u64)
    }
}

impl Drop for ReapedChild {
    fn drop(&mut self) {
        if let Err(error) = self.end() {
            tracing::warn!(%error, pid = self.0.id(), "cannot end a render child");
        }
    }
}
