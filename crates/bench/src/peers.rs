//! The programs that quire is measured against: optional installs, called as their users call them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Context;
use serde::Deserialize;

use crate::{corpus::TruthKind, process, score::rates::Rates};

/// Where the peers are.
#[derive(Clone, Debug, clap::Args)]
pub struct Peers {
    /// Python with the packages of `requirements.txt` beside the scripts.
    #[arg(long, default_value = "python3", value_name = "FILE")]
    python: PathBuf,
    /// The scripts that drive the peers.
    #[arg(long, default_value = "crates/bench/peers", value_name = "DIR")]
    scripts: PathBuf,
}

/// Making a text or a scan takes seconds; this only ends a run that hangs.
const LIMIT: Duration = Duration::from_mins(30);

impl Peers {
    /// Writes the text that pdfium finds in a PDF.
    pub fn pdfium_text(&self, pdf: &Path, out: &Path, password: Option<&str>) -> anyhow::Result<()> {
        let mut command = self.script(Command::new(&self.python), "pdfium_text.py");
        command.arg(pdf).arg(out).args(password);
        process::run(command, LIMIT)?.succeeded("pdfium_text.py")?;
        Ok(())
    }

    /// Makes a scan of the first pages of a PDF.
    pub fn rasterise(&self, pdf: &Path, out: &Path, pages: u32) -> anyhow::Result<()> {
        let mut command = self.script(Command::new(&self.python), "rasterise.py");
        command.arg(pdf).arg(out).arg(pages.to_string());
        process::run(command, LIMIT)?.succeeded("rasterise.py")?;
        Ok(())
    }

    /// A command that reads a PDF with RapidOCR, and prints pages and seconds.
    pub fn rapidocr(&self, limited: impl Fn(&Path) -> Command, pdf: &Path, out: &Path) -> Command {
        let mut command = self.script(limited(&self.python), "read.py");
        command.arg("rapidocr").arg(pdf).arg(out);
        command
    }

    /// First line of what a program says about its version, or of the error.
    pub fn version(&self, program: &str) -> anyhow::Result<String> {
        let mut command = Command::new(program);
        command.arg("--version");
        let said = process::run(command, LIMIT)?.succeeded(program)?.stdout;
        said.lines().next().map(str::to_string).with_context(|| format!("ask {program} for its version"))
    }

    fn script(&self, mut python: Command, name: &str) -> Command {
        python.arg(self.scripts.join(name));
        python
    }
}

/// What the peers read of the corpus, as recorded by `peers/reference.py`.
#[derive(Debug, Deserialize)]
pub struct Reference {
    /// The scanned documents that the mean is over: each text once.
    pub twelve: Vec<String>,
    /// What they read of each document.
    pub documents: BTreeMap<String, Reread>,
}

/// Error rates of the peers on one document.
#[derive(Debug, Deserialize)]
pub struct Reread {
    /// What they are measured against.
    pub truth: TruthKind,
    /// Tesseract's.
    pub tesseract: Rates,
    /// RapidOCR's.
    pub rapidocr: Rates,
}
