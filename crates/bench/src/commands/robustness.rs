//! `quire-bench robustness`: odd and hostile files, one at a time; each must end well and account for its pages.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use serde_json::Value;

use crate::{
    corpus::Corpus,
    process::{self, Finished},
    quire::Quire,
    report::{self, Bar},
};

/// Options of `quire-bench robustness`.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    quire: Quire,
    /// The corpus.
    #[arg(long, env = "QUIRE_CORPUS", default_value = "../shared/corpus")]
    corpus: PathBuf,
    /// Seconds that a file may take, the start of quire included.
    #[arg(long, default_value_t = 120)]
    limit: u64,
    /// Where the outputs go.
    #[arg(long, default_value = "target/bench/robustness")]
    out: PathBuf,
}

/// Runs the command; whether every file ended well.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let folder = Corpus::open(&options.corpus, "*")?.robustness();
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .with_context(|| format!("list {}", folder.display()))?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension != "json"));
    files.sort();
    let mut rows = Vec::new();
    let mut bad = 0;
    for file in &files {
        let ended = convert(options, file)?;
        let faults = faults(&ended);
        bad += usize::from(!faults.is_empty());
        rows.push(row(file, &ended, &faults));
    }
    print!(
        "{}",
        report::markdown_table(&["file", "exit", "seconds", "pages", "faults", "last message"], &rows)
    );
    Ok(report::print_bars(&[Bar::at_most(
        format!("files of {} that ended badly", files.len()),
        bad as f64,
        0.0,
    )]))
}

fn convert(options: &Options, file: &Path) -> anyhow::Result<Finished> {
    let out = options.out.join(file.file_stem().unwrap_or_default());
    let mut command = options.quire.convert(&out)?;
    command.arg("--json").arg(file);
    process::run(command, Duration::from_secs(options.limit))
}

/// Pages of a run as its last line of JSON counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pages {
    submitted: u64,
    settled: u64,
}

/// What went wrong in the way a file ended. That the file cannot be used is none of it.
fn faults(ended: &Finished) -> Vec<String> {
    let mut faults = Vec::new();
    match ended.code() {
        Some(0 | 3 | 4) => {}
        Some(code) => faults.push(format!("exit code {code}")),
        None if ended.status.is_none() => faults.push("hung".into()),
        None => faults.push("ended by a signal".into()),
    }
    if [&ended.stdout, &ended.stderr].iter().any(|text| text.contains("panicked at")) {
        faults.push("panic".into());
    }
    match pages(&ended.stdout) {
        Some(pages) if pages.submitted != pages.settled => faults.push("pages unaccounted for".into()),
        None if ended.code() != Some(4) => faults.push("no account of pages".into()),
        _ => {}
    }
    faults
}

/// The account in the summary, which is the last line of JSON that has one.
fn pages(stdout: &str) -> Option<Pages> {
    let lines = stdout.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.into_iter().find_map(|line| {
        let account = line.get("pages").filter(|pages| pages.is_object()).unwrap_or(&line);
        let count = |name: &str| account.get(name).and_then(Value::as_u64);
        let settled = ["done", "blank", "failed", "cancelled"].iter().filter_map(|name| count(name)).sum();
        Some(Pages { submitted: count("submitted")?, settled })
    })
}

fn row(file: &Path, ended: &Finished, faults: &[String]) -> Vec<String> {
    let message: String = ended.stderr.lines().next_back().unwrap_or_default().chars().take(90).collect();
    vec![
        file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        ended.code().map_or_else(|| "–".into(), |code| code.to_string()),
        format!("{:.1}", ended.wall.as_secs_f64()),
        pages(&ended.stdout)
            .map_or_else(|| "–".into(), |pages| format!("{}/{}", pages.settled, pages.submitted)),
        if faults.is_empty() { "none".into() } else { faults.join(", ") },
        message.replace('|', "/"),
    ]
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn ended(script: &str) -> Finished {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        process::run(command, Duration::from_secs(10)).unwrap()
    }

    #[test]
    fn a_file_that_cannot_be_used_is_no_fault() {
        assert!(faults(&ended("exit 4")).is_empty());
    }

    #[test]
    fn a_page_that_is_not_accounted_for_is_a_fault() {
        let summary = r#"{"pages":{"submitted":3,"done":1,"blank":1,"failed":0,"cancelled":0}}"#;

        let found = faults(&ended(&format!("echo '{summary}'")));

        assert_eq!(found, ["pages unaccounted for"]);
    }

    #[test]
    fn a_panic_and_a_wrong_code_are_faults() {
        let found = faults(&ended("echo \"thread 'x' panicked at y\" >&2; exit 101"));

        assert_eq!(found, ["exit code 101", "panic", "no account of pages"]);
    }
}
