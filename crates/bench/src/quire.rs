//! The `quire` command under test.

use std::{
    ffi::OsStr,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::Context;

use crate::{
    corpus::{Corpus, Document},
    process::{self, Finished},
};

/// Where `quire` is, and how it is called.
#[derive(Clone, Debug, clap::Args)]
pub struct Quire {
    /// The `quire` command; by default the one beside this program.
    #[arg(long = "quire", value_name = "FILE")]
    program: Option<PathBuf>,
    /// Processor cores that it, and every peer, may use.
    #[arg(long, default_value_t = 2, value_name = "N")]
    pub cores: usize,
}

/// `--mode` of `quire convert`.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// A clean text layer is used, everything else is read.
    Auto,
    /// Every page is read.
    Force,
    /// The text layer is used as it is.
    Skip,
}

impl Mode {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Force => "force",
            Self::Skip => "skip",
        }
    }
}

impl Quire {
    /// Called with all cores of the machine.
    pub fn on_all_cores(program: Option<PathBuf>) -> Self {
        Self { program, cores: usize::MAX }
    }

    /// A command limited to the cores of the run.
    pub fn limited(&self, program: impl AsRef<OsStr>) -> Command {
        let available = std::thread::available_parallelism().map_or(1, usize::from);
        if available <= self.cores {
            return Command::new(program);
        }
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &format!("0-{}", self.cores - 1)]).arg(program);
        command
    }

    /// `quire convert` into a directory, from the beginning.
    pub fn convert(&self, out: &Path) -> anyhow::Result<Command> {
        let mut command = self.limited(self.program()?);
        command.arg("convert").arg("--out").arg(out).arg("--overwrite");
        Ok(command)
    }

    /// Converts documents of the corpus, in one call, with one more for each that has a password.
    pub fn convert_corpus(
        &self,
        corpus: &Corpus,
        documents: &[&Document],
        mode: Mode,
        out: &Path,
    ) -> anyhow::Result<()> {
        self.convert_with(corpus, documents, &[OsStr::new("--mode"), OsStr::new(mode.name())], out)
    }

    /// The same with arguments of `quire convert`.
    pub fn convert_with(
        &self,
        corpus: &Corpus,
        documents: &[&Document],
        arguments: &[&OsStr],
        out: &Path,
    ) -> anyhow::Result<()> {
        let open = documents.iter().filter(|document| document.password.is_none());
        let paths: Vec<PathBuf> = open.map(|document| corpus.path(document)).collect();
        if !paths.is_empty() {
            let mut command = self.convert(out)?;
            command.args(arguments).args(paths);
            report(&process::run(command, LIMIT)?);
        }
        for document in documents {
            let Some(password) = &document.password else { continue };
            let mut file = tempfile::NamedTempFile::new()?;
            writeln!(file, "{password}")?;
            let mut command = self.convert(out)?;
            command.args(arguments).arg("--password-file").arg(file.path()).arg(corpus.path(document));
            report(&process::run(command, LIMIT)?);
        }
        Ok(())
    }

    fn program(&self) -> anyhow::Result<PathBuf> {
        if let Some(program) = &self.program {
            return Ok(program.clone());
        }
        let own = std::env::current_exe().context("find this program")?;
        let beside = own.with_file_name("quire");
        anyhow::ensure!(
            beside.is_file(),
            "no quire beside {}: build it, or name it with --quire",
            own.display()
        );
        Ok(beside)
    }
}

/// A whole corpus takes minutes; this only ends a run that hangs.
const LIMIT: Duration = Duration::from_hours(2);

/// Pages may fail without ending the benchmark: what is missing shows in the scores. It is said, though.
fn report(ended: &Finished) {
    if ended.code() != Some(0) {
        eprintln!("quire ended with {:?}:\n{}", ended.status, ended.stderr);
    }
}
