//! Runs a command as a user would, and watches it from outside: time, memory of the whole process tree.

use std::{
    collections::HashMap,
    fs::{self, File},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process_group};

/// How often memory is looked at; also how exactly an end is seen, unless it comes sooner.
const SAMPLE: Duration = Duration::from_millis(50);
/// How often the end is looked for: the resolution of the wall time.
const POLL: Duration = Duration::from_millis(5);

/// How a command ended.
#[derive(Debug)]
pub struct Finished {
    /// Its exit status; absent when it had to be killed.
    pub status: Option<ExitStatus>,
    /// From before the start until after the end.
    pub wall: Duration,
    /// Highest resident memory of all its processes together, in bytes; shared pages count once for each.
    pub peak_bytes: u64,
    /// When the watched thing first held, from the start.
    pub seen: Option<Duration>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Finished {
    /// The exit code; absent when it was killed or ended by a signal.
    pub fn code(&self) -> Option<i32> {
        self.status?.code()
    }

    /// Fails unless the command succeeded; the end of its standard error says why.
    pub fn succeeded(self, what: &str) -> anyhow::Result<Self> {
        if self.status.is_some_and(|status| status.success()) {
            return Ok(self);
        }
        let tail: Vec<&str> = self.stderr.lines().rev().take(12).collect();
        let tail: Vec<&str> = tail.into_iter().rev().collect();
        anyhow::bail!("{what} ended with {:?}:\n{}", self.status, tail.join("\n"))
    }
}

/// Runs a command to its end, at most `limit`.
pub fn run(command: Command, limit: Duration) -> anyhow::Result<Finished> {
    run_watching(command, limit, || false)
}

/// The same, and notes when `watch` is true for the first time.
pub fn run_watching(
    mut command: Command,
    limit: Duration,
    watch: impl Fn() -> bool,
) -> anyhow::Result<Finished> {
    let folder = tempfile::tempdir()?;
    let (out, err) = (folder.path().join("stdout"), folder.path().join("stderr"));
    command.stdin(Stdio::null()).stdout(File::create(&out)?).stderr(File::create(&err)?).process_group(0);
    let started = Instant::now();
    let child = command.spawn().with_context(|| format!("start {}", command.get_program().display()))?;
    let (status, peak_bytes, seen) = follow(child, started, limit, watch)?;
    let wall = started.elapsed();
    Ok(Finished { status, wall, peak_bytes, seen, stdout: read(&out)?, stderr: read(&err)? })
}

type Followed = (Option<ExitStatus>, u64, Option<Duration>);

fn follow(
    mut child: Child,
    started: Instant,
    limit: Duration,
    watch: impl Fn() -> bool,
) -> anyhow::Result<Followed> {
    let (mut peak, mut seen, mut sampled) = (0, None, None::<Instant>);
    loop {
        if seen.is_none() && watch() {
            seen = Some(started.elapsed());
        }
        if let Some(status) = child.try_wait()? {
            return Ok((Some(status), peak, seen));
        }
        if started.elapsed() > limit {
            let group = Pid::from_child(&child);
            kill_process_group(group, Signal::KILL).context("kill a command that overran its limit")?;
            child.wait()?;
            return Ok((None, peak, seen));
        }
        if sampled.is_none_or(|at| at.elapsed() >= SAMPLE) {
            peak = peak.max(resident_bytes(child.id()));
            sampled = Some(Instant::now());
        }
        std::thread::sleep(POLL);
    }
}

/// Standard output and error may hold anything.
fn read(path: &Path) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
}

/// Resident memory of a process and of all below it. Processes that end meanwhile count nothing.
fn resident_bytes(root: u32) -> u64 {
    let processes = processes();
    let mut family = vec![root];
    let mut at = 0;
    while at < family.len() {
        let parent = family[at];
        family.extend(processes.iter().filter(|(_, seen)| seen.parent == parent).map(|(id, _)| *id));
        at += 1;
    }
    let pages: u64 = family.iter().filter_map(|id| processes.get(id)).map(|seen| seen.pages).sum();
    pages * rustix::param::page_size() as u64
}

struct Seen {
    parent: u32,
    pages: u64,
}

fn processes() -> HashMap<u32, Seen> {
    let Ok(entries) = fs::read_dir("/proc") else { return HashMap::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter_map(|id| Some((id, parse_stat(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?)))
        .collect()
}

/// Fields of `/proc/PID/stat`, counted after the command name, which may hold spaces: parent 2nd, resident pages 22nd.
fn parse_stat(stat: &str) -> Option<Seen> {
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    Some(Seen { parent: fields.get(1)?.parse().ok()?, pages: fields.get(21)?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn both_outputs_and_the_exit_code_come_back() {
        let ended = run(shell("echo out; echo err >&2; exit 3"), Duration::from_secs(10)).unwrap();

        assert_eq!((ended.code(), ended.stdout.as_str(), ended.stderr.as_str()), (Some(3), "out\n", "err\n"));
    }

    #[test]
    fn a_command_that_hangs_is_killed_with_its_children() {
        let ended = run(shell("sleep 60 & sleep 60; wait"), Duration::from_millis(200)).unwrap();

        assert_eq!(ended.code(), None);
        assert!(ended.wall < Duration::from_secs(10));
    }

    #[test]
    fn memory_of_children_counts() {
        // The shell would become its last command, and forget the variable.
        let script = "x=$(head -c 40000000 /dev/zero | tr '\\0' a); sleep 0.5; true";

        let ended = run(shell(&format!("({script}) ; true")), Duration::from_secs(30)).unwrap();

        assert!(ended.peak_bytes > 40_000_000, "{}", ended.peak_bytes);
    }

    #[test]
    fn a_process_name_with_brackets_is_no_obstacle() {
        let stat = "7 (a) b)) S 3 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 4096 99 0";

        let seen = parse_stat(stat).unwrap();

        assert_eq!((seen.parent, seen.pages), (3, 99));
    }
}
