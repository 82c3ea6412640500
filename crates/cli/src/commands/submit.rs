//! `quire submit`: documents to the coordinator, one job about all of them.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::Context;
use indicatif::ProgressBar;
use quire_coordinator::jobs::JobStatus;
use quire_proto::{DocumentId, profile::ProcessingOptions};
use serde::Serialize;

use super::{jobs, watch::watch};
use crate::{
    Exit,
    api::types::{NamedDocument, NewJob},
    args::Submit,
    client::{Client, print_json},
    config::Config,
    inputs::{self, Discovery, Input, Rejected},
    outputs::sha256_of,
};

/// What `--dry-run` says of a document.
#[derive(Serialize)]
struct Planned<'a> {
    path: &'a Path,
    name: String,
    bytes: u64,
}

/// Sends documents and submits the job.
pub(super) fn run(config: &Config, arguments: &Submit, bar: &ProgressBar) -> anyhow::Result<Exit> {
    let Discovery { inputs, rejected } = inputs::discover(&arguments.paths, Path::new(""));
    for Rejected { path, reason } in &rejected {
        eprintln!("quire: {}: {reason}", path.display());
    }
    if inputs.is_empty() {
        return Ok(Exit::Unusable);
    }
    let json = arguments.client.json;
    if arguments.dry_run {
        return plan(&inputs, json);
    }
    let client = if arguments.wait {
        Client::waiting(config, &arguments.client)?
    } else {
        Client::new(config, &arguments.client)?
    };
    let job = NewJob {
        documents: send(&client, &inputs, bar)?,
        options: options(config, arguments),
        pages: arguments.pages.clone(),
        priority: arguments.priority.into(),
        collection: arguments.collection.clone(),
        idempotency_key: arguments.idempotency_key.clone(),
    };
    let status: JobStatus = client.submit(&job)?;
    if arguments.wait {
        let exit = watch(&client, status.job, json, bar)?;
        return Ok(if exit == Exit::Done && !rejected.is_empty() { Exit::Partial } else { exit });
    }
    if json {
        jobs::say(&status, true)?;
    } else {
        println!("{}", status.job);
    }
    jobs::say_if_left(&client, &status);
    Ok(if rejected.is_empty() { Exit::Done } else { Exit::Partial })
}

/// Without a flag, the coordinator's own configuration decides.
fn options(config: &Config, arguments: &Submit) -> Option<ProcessingOptions> {
    let mode = arguments.mode?;
    Some(ProcessingOptions { mode: mode.into(), ..config.convert.options() })
}

fn plan(inputs: &[Input], json: bool) -> anyhow::Result<Exit> {
    let mut all = 0;
    for input in inputs {
        let bytes = fs::metadata(&input.path)?.len();
        all += bytes;
        if json {
            print_json(&Planned { path: &input.path, name: name(input), bytes })?;
        } else {
            println!("{} as {}: {}", input.path.display(), name(input), bytesize::ByteSize(bytes));
        }
    }
    eprintln!("quire: {} documents, {}; nothing was sent", inputs.len(), bytesize::ByteSize(all));
    Ok(Exit::Done)
}

/// Sends what the store does not have.
fn send(client: &Client, inputs: &[Input], bar: &ProgressBar) -> anyhow::Result<Vec<NamedDocument>> {
    bar.set_length(inputs.len() as u64);
    bar.set_message("sending documents");
    let mut documents = Vec::with_capacity(inputs.len());
    for input in inputs {
        let document =
            send_one(client, &input.path).with_context(|| format!("send {}", input.path.display()))?;
        documents.push(NamedDocument { document, name: name(input) });
        bar.inc(1);
    }
    bar.finish_and_clear();
    bar.reset();
    Ok(documents)
}

fn send_one(client: &Client, path: &Path) -> anyhow::Result<DocumentId> {
    let document = DocumentId::from_digest(sha256_of(path)?);
    if client.has(document)? {
        return Ok(document);
    }
    // The hash of what arrived counts, should the file have changed since.
    Ok(client.send(File::open(path)?)?.document)
}

/// The path below the folder that was named; the results get the same place below theirs.
fn name(input: &Input) -> String {
    let file = input.path.file_name().map(PathBuf::from).unwrap_or_default();
    input.stem.with_file_name(file).to_string_lossy().into_owned()
}
