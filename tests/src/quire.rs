//! The `quire` command as it was built with these tests, run in a folder of its own.

use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

/// A folder in which `quire` runs.
pub struct Room {
    folder: tempfile::TempDir,
}

/// What a run left.
pub struct Ran {
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Events on stdout, empty without `--json`.
    pub events: Vec<Value>,
    /// What people saw.
    pub stderr: String,
}

/// A run that goes on.
pub struct Running {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    events: Vec<Value>,
}

impl Room {
    /// An empty folder.
    pub fn new() -> anyhow::Result<Self> {
        Ok(Self { folder: tempfile::tempdir()? })
    }

    /// A path in it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Writes a file in it, with its folders.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> anyhow::Result<PathBuf> {
        let path = self.path(path);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// Copies a sample into it.
    pub fn copy(&self, sample: &Path, path: &str) -> anyhow::Result<PathBuf> {
        self.write(path, fs::read(sample)?)
    }

    /// Reads a text in it.
    pub fn read(&self, path: &str) -> anyhow::Result<String> {
        fs::read_to_string(self.path(path)).with_context(|| format!("read {path}"))
    }

    /// Runs `quire` to its end.
    pub fn run(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> anyhow::Result<Ran> {
        Ran::new(self.command(arguments)?.output()?)
    }

    /// What `quire SUBCOMMAND --help` prints.
    pub fn help(&self, subcommand: &[&str]) -> anyhow::Result<String> {
        let output = self.command(subcommand.iter().chain(&["--help"]))?.output()?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Runs `quire convert --json PATHS... --out out` to its end.
    pub fn convert(&self, paths: &[&str], more: &[&str]) -> anyhow::Result<Ran> {
        self.run(convert(paths, more))
    }

    /// The same in another environment; the folder of assets stays.
    pub fn convert_with(
        &self,
        environment: &[(&str, &OsStr)],
        paths: &[&str],
        more: &[&str],
    ) -> anyhow::Result<Ran> {
        let mut command = self.command(convert(paths, more))?;
        command.env("QUIRE__ASSETS__DIR", assets()?).env_remove("XDG_CACHE_HOME");
        Ran::new(command.envs(environment.iter().copied()).output()?)
    }

    /// Begins `quire convert --json PATHS... --out out`, in a process group of its own.
    pub fn begin(&self, paths: &[&str], more: &[&str]) -> anyhow::Result<Running> {
        let mut command = self.command(convert(paths, more))?;
        let mut child = command.process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let stdout = BufReader::new(child.stdout.take().context("stdout is piped")?);
        Ok(Running { child, stdout, events: Vec::new() })
    }

    fn command(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> anyhow::Result<Command> {
        let mut command = Command::new(program("quire")?);
        // The configuration of whoever runs the tests plays no part.
        command.args(arguments).current_dir(self.folder.path()).env("XDG_CONFIG_HOME", self.folder.path());
        Ok(command)
    }
}

/// The folder of assets on this machine.
pub fn assets() -> anyhow::Result<PathBuf> {
    let home = std::env::home_dir().context("the tests need a home folder")?;
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or(home.join(".cache"), PathBuf::from);
    Ok(std::env::var_os("QUIRE__ASSETS__DIR").map_or(cache.join("quire"), PathBuf::from))
}

fn convert<'a>(paths: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [&["convert", "--json", "--out", "out"], more, paths].concat()
}

/// A program of ours, which needs the renderer beside it: in the folder of this program, or above that of a test's.
pub fn program(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let folder = own.parent().context("a program lies in a folder")?;
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    for name in [name, "quire-render"] {
        ensure!(
            folder.join(name).is_file(),
            "no {name} in {}: run the tests with `make test`",
            folder.display()
        );
    }
    Ok(folder.join(name))
}

impl Ran {
    /// What an output says.
    pub fn new(output: Output) -> anyhow::Result<Self> {
        let events = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let events =
            events.map(serde_json::from_slice).collect::<Result<_, _>>().context("stdout is JSON lines")?;
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(!stderr.contains("panicked"), "a panic: {stderr}");
        Ok(Self { code: output.status.code(), events, stderr })
    }

    /// The last event.
    pub fn summary(&self) -> anyhow::Result<&Value> {
        let last = self.events.last().with_context(|| format!("no events; stderr: {}", self.stderr))?;
        ensure!(last["event"] == "summary", "the last event is {last}");
        Ok(last)
    }

    /// Pages in this state at the end.
    pub fn pages(&self, state: &str) -> anyhow::Result<u64> {
        self.summary()?["pages"][state].as_u64().with_context(|| format!("no count of {state} pages"))
    }
}

impl Running {
    /// Waits until some pages are done and some are not.
    pub fn until_midway(&mut self) -> anyhow::Result<()> {
        loop {
            let mut line = String::new();
            if self.stdout.read_line(&mut line)? == 0 {
                bail!("the run ended before it was midway: {:?}", self.events);
            }
            let event: Value = serde_json::from_str(&line)?;
            let midway = event["event"] == "pages" && event["done"] != 0 && event["pending"] != 0;
            self.events.push(event);
            if midway {
                return Ok(());
            }
        }
    }

    /// Sends a signal to the process alone, as `kill` does.
    pub fn kill(&self, signal: &str) -> anyhow::Result<()> {
        send(signal, &self.child.id().to_string())
    }

    /// Sends a signal to the process and its children, as a terminal does.
    pub fn kill_group(&self, signal: &str) -> anyhow::Result<()> {
        send(signal, &format!("-{}", self.child.id()))
    }

    /// Waits for the end.
    pub fn end(self, limit: Duration) -> anyhow::Result<Ran> {
        let Self { mut child, mut stdout, mut events } = self;
        let started = Instant::now();
        while child.try_wait()?.is_none() {
            if started.elapsed() > limit {
                child.kill()?;
                bail!("quire did not end within {limit:?}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut rest = Vec::new();
        std::io::Read::read_to_end(&mut stdout, &mut rest)?;
        let output = child.wait_with_output()?;
        let mut ran = Ran::new(Output { stdout: rest, ..output })?;
        events.append(&mut ran.events);
        Ok(Ran { events, ..ran })
    }
}

/// Sends a signal to a process, or with a minus sign before its number to its group.
pub(crate) fn send(signal: &str, target: &str) -> anyhow::Result<()> {
    let status = Command::new("kill").args([&format!("-{signal}"), "--", target]).status()?;
    ensure!(status.success(), "kill -{signal} {target}");
    Ok(())
}
