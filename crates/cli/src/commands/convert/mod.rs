//! `quire convert`: documents in, text out, everything in this process.
//!
//! ```text
//!  paths ─▶ inputs ─▶ submit ─▶ run ─┬─ events ─▶ progress
//!                                    └─ a document is complete ─▶ export ─▶ DIR/<stem>.md, .txt, .json
//! ```

mod debug;
mod export;
mod run;
mod scribe;

use std::{fs, path::Path};

use anyhow::Context;
use indicatif::ProgressBar;

use crate::{
    Exit,
    args::Convert,
    config::Config,
    inputs::{self, Discovery, Rejected},
    machine::ENDS_WITHIN,
    outputs::OutputFolder,
    progress::{Event, Reporter, Summary},
};

/// Converts what the arguments name.
pub(super) fn run(
    mut config: Config,
    arguments: &Convert,
    quiet: bool,
    bar: ProgressBar,
) -> anyhow::Result<Exit> {
    apply(&mut config, arguments);
    config.validate()?;
    let password = arguments.password_file.as_deref().map(read_password).transpose()?;
    let Discovery { inputs, rejected } = inputs::discover(&arguments.paths, &arguments.out);
    let mut reporter = Reporter::new(arguments.json, quiet, bar);
    let mut summary = Summary::default();
    for Rejected { path, reason } in rejected {
        let message = format!("{:#}", anyhow::Error::new(reason));
        reporter.report(&Event::DocumentFailed { path: &path, message: &message });
        summary.failed_documents.push((path, message));
    }
    if !inputs.is_empty() {
        let folder = OutputFolder::open(&arguments.out)?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
        let session = run::Session { config, arguments, folder, inputs, password };
        runtime.block_on(session.run(&mut reporter, &mut summary))?;
        runtime.shutdown_timeout(ENDS_WITHIN);
    }
    reporter.finish();
    reporter.report(&Event::Summary(&summary));
    if !quiet {
        eprintln!("{summary}");
    }
    Ok(summary.exit())
}

/// Flags come last.
fn apply(config: &mut Config, arguments: &Convert) {
    let Convert { mode, dpi, split_spreads, jobs, .. } = arguments;
    if let Some(mode) = mode {
        config.convert.mode = (*mode).into();
    }
    if let Some(dpi) = dpi {
        config.convert.dpi = *dpi;
    }
    config.convert.split_spreads |= split_spreads;
    if jobs.is_some() {
        config.render.children = *jobs;
    }
}

/// The first line of `file`: the line end is not part of a password, anything else may be.
fn read_password(file: &Path) -> anyhow::Result<String> {
    let text =
        fs::read_to_string(file).with_context(|| format!("read the password file {}", file.display()))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
