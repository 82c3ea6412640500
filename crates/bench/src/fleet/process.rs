//! A process of the fleet: started, looked at, stopped; killed when this program forgets it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};

/// Longest that a process may take to stop when asked.
const STOPPED_WITHIN: Duration = Duration::from_secs(30);

const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A running process.
pub struct Process {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Process {
    /// Starts `command`, whose words go to files in `folder`.
    pub(super) fn start(mut command: Command, folder: &Path, name: &str) -> anyhow::Result<Self> {
        let (out, err) = (folder.join(format!("{name}.out")), folder.join(format!("{name}.err")));
        command.stdin(Stdio::null()).stdout(File::create(&out)?).stderr(File::create(&err)?);
        let child = command.spawn().with_context(|| format!("start {}", command.get_program().display()))?;
        Ok(Self { child, out, err })
    }

    /// What it wrote to standard output so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.out).unwrap_or_default()
    }

    /// Fails if it has ended, with its last words.
    pub fn lives(&mut self) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            let err = fs::read_to_string(&self.err).unwrap_or_default();
            let tail: Vec<&str> = err.lines().rev().take(8).collect();
            bail!("a process ended with {status}: {}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
        Ok(())
    }

    /// Ends it as a power cut does.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop and waits until it has; what it wrote to standard output.
    pub fn stop(&mut self) -> anyhow::Result<String> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        self.end(STOPPED_WITHIN)?;
        Ok(self.said())
    }

    fn end(&mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            anyhow::ensure!(Instant::now() < deadline, "a process does not stop");
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// The most memory that it ever had, in bytes.
    pub fn peak_memory(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse()?;
        Ok(kibibytes * 1024)
    }

    /// Processor time that it has used, its ended children included.
    pub fn cpu_time(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let fields: Vec<&str> = stat.rsplit_once(')').context("no name")?.1.split_whitespace().collect();
        // utime, stime, cutime, cstime are the 14th to 17th field, the 12th to 15th after the name.
        let ticks: u64 =
            fields.get(11..15).context("too few fields")?.iter().filter_map(|t| t.parse::<u64>().ok()).sum();
        Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that has ended is what we want.
        drop(self.kill());
    }
}
