//! `quire-bench robustness`: odd and hostile files, one at a time; each must end well and account for its pages.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use quire_proto::Ledger;
use serde::Deserialize;

use crate::{
    corpus::{Corpus, read_json},
    output::Output,
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

#[derive(Deserialize)]
struct Manifest {
    files: Vec<Hostile>,
}

/// A file, and what pdfium alone said when it opened it.
#[derive(Deserialize)]
struct Hostile {
    file: PathBuf,
    /// `ok 3 pages`, or an error.
    pdfium_open: String,
}

/// What quire says at its end.
#[derive(Debug, Default, Deserialize)]
struct Summary {
    pages: Ledger,
    failed_documents: Vec<(PathBuf, String)>,
}

/// One file, and how it ended.
struct Case<'f> {
    hostile: &'f Hostile,
    ended: Finished,
    summary: Option<Summary>,
    /// Page records in the JSON output.
    records: Option<usize>,
}

/// Runs the command; whether every file ended well.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let folder = Corpus::open(&options.corpus, "*")?.robustness();
    let manifest: Manifest = read_json(&folder.join("manifest.json"))?;
    fs::create_dir_all(&options.out)?;
    let (mut rows, mut bad) = (Vec::new(), 0);
    for hostile in &manifest.files {
        let case = convert(options, &folder, hostile)?;
        let faults = case.faults();
        bad += usize::from(!faults.is_empty());
        rows.push(case.row(&faults));
    }
    print!("{}", report::markdown_table(&["file", "exit", "seconds", "pages", "faults", "message"], &rows));
    Ok(report::print_bars(&[Bar::at_most(
        format!("files of {} that ended badly", rows.len()),
        bad as f64,
        0.0,
    )]))
}

fn convert<'f>(options: &Options, folder: &Path, hostile: &'f Hostile) -> anyhow::Result<Case<'f>> {
    let stem = hostile.file.file_stem().unwrap_or_default().to_string_lossy();
    let out = options.out.join(&*stem);
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    let mut command: Command = options.quire.convert(&out)?;
    command.arg("--json").arg(folder.join(&hostile.file));
    let ended = process::run(command, Duration::from_secs(options.limit))?;
    let summary = summary(&ended.stdout);
    let records = Output::new(&out).records(&stem)?.map(|records| records.len());
    Ok(Case { hostile, ended, summary, records })
}

fn summary(stdout: &str) -> Option<Summary> {
    let last = stdout.lines().next_back()?;
    last.contains(r#""event":"summary""#).then(|| serde_json::from_str(last).ok()).flatten()
}

impl Hostile {
    /// Pages that pdfium counts, if it opens the file at all.
    fn pages(&self) -> Option<u64> {
        self.pdfium_open.strip_prefix("ok ")?.split(' ').next()?.parse().ok()
    }
}

impl Case<'_> {
    /// What went wrong in the way it ended. That the file cannot be used is none of it.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        match self.ended.code() {
            Some(0 | 3 | 4) => {}
            Some(code) => faults.push(format!("exit code {code}")),
            None if self.ended.status.is_none() => faults.push("hung".into()),
            None => faults.push("ended by a signal".into()),
        }
        if [&self.ended.stdout, &self.ended.stderr].iter().any(|text| text.contains("panicked at")) {
            faults.push("panic".into());
        }
        match &self.summary {
            None => faults.push("no summary".into()),
            Some(summary) => faults.extend(self.unaccounted(summary)),
        }
        faults
    }

    /// Pages are counted three times: by quire, in its output, and by pdfium alone.
    fn unaccounted(&self, summary: &Summary) -> Option<String> {
        let submitted = summary.pages.submitted();
        let fault = match (&summary.failed_documents[..], self.records, self.hostile.pages()) {
            ([], Some(records), _) if records as u64 != submitted => format!("{records} records"),
            ([], None, _) => "no output and no error".into(),
            ([], _, Some(pages)) if pages != submitted => format!("pdfium counts {pages} pages"),
            _ if summary.pages.pending > 0 => format!("{} pages undecided", summary.pages.pending),
            _ => return None,
        };
        Some(fault)
    }

    fn row(&self, faults: &[String]) -> Vec<String> {
        let dash = || "–".to_string();
        let message = self.summary.as_ref().and_then(|summary| summary.failed_documents.first());
        let message =
            message.map(|(_, message)| message.chars().take(80).collect::<String>().replace('|', "/"));
        let pages = self.summary.as_ref().map(|summary| &summary.pages);
        vec![
            self.hostile.file.display().to_string(),
            self.ended.code().map_or_else(dash, |code| code.to_string()),
            format!("{:.1}", self.ended.wall.as_secs_f64()),
            pages.map_or_else(dash, |pages| format!("{} of {}", pages.decided(), pages.submitted())),
            if faults.is_empty() { "none".into() } else { faults.join(", ") },
            message.unwrap_or_default(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(script: &str, records: Option<usize>, pdfium_open: &str) -> Vec<String> {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let ended = process::run(command, Duration::from_secs(10)).unwrap();
        let hostile = Hostile { file: "a.pdf".into(), pdfium_open: pdfium_open.into() };
        let summary = summary(&ended.stdout);
        Case { hostile: &hostile, ended, summary, records }.faults()
    }

    const REFUSED: &str = r#"echo '{"event":"summary","pages":{"done":0,"blank":0,"failed":0,"cancelled":0,"pending":0},
        "failed_documents":[["a.pdf","not a PDF"]]}' | tr -d '\n'; exit 4"#;
    const TWO_DONE: &str = r#"echo '{"event":"summary","pages":{"done":2,"blank":0,"failed":0,"cancelled":0,"pending":0},
        "failed_documents":[]}' | tr -d '\n'"#;

    #[test]
    fn a_file_that_cannot_be_used_is_no_fault() {
        assert!(faults(REFUSED, None, "error: no trailer").is_empty());
    }

    #[test]
    fn a_page_that_is_not_accounted_for_is_a_fault() {
        assert!(faults(TWO_DONE, Some(2), "ok 2 pages").is_empty());
        assert_eq!(faults(TWO_DONE, Some(1), "ok 2 pages"), ["1 records"]);
        assert_eq!(faults(TWO_DONE, Some(2), "ok 3 pages"), ["pdfium counts 3 pages"]);
    }

    #[test]
    fn a_panic_and_a_wrong_code_are_faults() {
        let found = faults("echo \"thread 'x' panicked at y\" >&2; exit 101", None, "ok 1 pages");

        assert_eq!(found, ["exit code 101", "panic", "no summary"]);
    }
}
