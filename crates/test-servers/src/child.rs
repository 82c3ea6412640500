//! A server process: started, watched until it answers, killed with all that it started.

use std::{
    ffi::OsStr,
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::spawner;

/// Longest that a server may take until it answers. A broker takes 8 s on two idle cores.
const STARTED_WITHIN: Duration = Duration::from_secs(90);

const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Lines of the log that an error shows.
const SHOWN_LINES: usize = 20;

/// A process and its process group.
#[derive(Debug)]
pub(crate) struct Server {
    process: Child,
    log: PathBuf,
}

/// A command that gets nothing from this process's environment but the path.
pub(crate) fn command(program: impl AsRef<OsStr>, home: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program).env_clear().current_dir(home);
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("HOME", home).env("LANG", "C.UTF-8");
    command
}

impl Server {
    /// Starts `command`; what it says goes to `log`.
    pub(crate) fn start(mut command: Command, log: PathBuf) -> Result<Self> {
        let file = File::options().create(true).append(true).open(&log).context("open log")?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).process_group(0);
        let process = spawner::spawn(command).context("start setpriv, which is part of util-linux")?;
        Ok(Self { process, log })
    }

    /// Waits until something accepts connections on `port`.
    pub(crate) fn wait_for(&mut self, port: u16) -> Result<()> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let deadline = Instant::now() + STARTED_WITHIN;
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.process.try_wait()? {
                bail!("the server ended with {status}:\n{}", self.last_words());
            }
            if Instant::now() > deadline {
                bail!("nothing listens on {address} after {STARTED_WITHIN:?}:\n{}", self.last_words());
            }
            thread::sleep(LOOK_AGAIN);
        }
        Ok(())
    }

    /// Kills the process and its group at once, and waits for its end.
    pub(crate) fn kill(&mut self) {
        // A group that is gone already is what we want.
        kill_process_group(Pid::from_child(&self.process), Signal::KILL).unwrap_or_default();
        drop(self.process.wait());
    }

    fn last_words(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
