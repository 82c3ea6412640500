//! The text stays as right as it was: a few documents, scored by `quire-bench accuracy` against recorded figures.
//!
//! Figures that changed for the better, or for a reason, are recorded again; `docs/benchmarks/README.md` says how.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};
use quire_tests::{quire::program, workspace};

/// Documents of the developer corpus that are scored where it is: a scan of each kind that the samples lack.
const ONLY: &str = "chinese-scan,image-eurotext,image-typewriter-nl,table-eu-003";

/// The newest recorded figures of the developer corpus.
const RECORDED: &str = "docs/benchmarks/accuracy/runs/2026-11-28.json";

#[test]
fn the_samples_are_read_as_well_as_before() -> anyhow::Result<()> {
    let samples = workspace().join("tests/accuracy");

    no_worse(&samples, "*", &samples.join("recorded.json"))
}

#[test]
fn documents_of_the_corpus_are_read_as_well_as_before() -> anyhow::Result<()> {
    let Some(corpus) = std::env::var_os("QUIRE_CORPUS").map(PathBuf::from) else {
        eprintln!("skipped: QUIRE_CORPUS does not name the developer corpus");
        return Ok(());
    };

    no_worse(&corpus, ONLY, &workspace().join(RECORDED))
}

/// Scores documents of a corpus; fails where one is worse than `recorded`.
fn no_worse(corpus: &Path, only: &str, recorded: &Path) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(program("quire-bench")?);
    // The configuration of whoever runs the tests plays no part.
    command.env("XDG_CONFIG_HOME", folder.path()).current_dir(workspace());
    command.args(["accuracy", "--only", only, "--corpus"]).arg(corpus);
    command.arg("--quire").arg(program("quire")?).arg("--out").arg(folder.path().join("out"));
    command.arg("--against").arg(recorded);

    let output = command.output().context("run quire-bench")?;

    let [said, errors] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    ensure!(output.status.success(), "{command:?}:\n{said}\n{errors}");
    Ok(())
}
