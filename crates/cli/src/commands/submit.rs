//! `quire submit`: documents to the coordinator, one job about all of them.

use std::{fs, path::Path};

use indicatif::ProgressBar;
use quire_coordinator::jobs::JobStatus;
use quire_proto::profile::ProcessingOptions;
use serde::Serialize;

use super::{jobs, send, watch::watch};
use crate::{
    Exit,
    api::types::{NamedDocument, NewJob},
    args::Submit,
    client::{Client, print_json},
    config::Config,
    inputs::{self, Discovery, Input, Objects, Rejected},
    progress,
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
    let (addresses, paths) = inputs::split(&arguments.paths);
    let objects = Objects::find(&config.s3, &addresses)?;
    let Discovery { inputs, mut rejected } = inputs::discover(&paths, Path::new(""));
    send::say(&rejected);
    send::say(&objects.rejected);
    for address in &objects.left_out {
        eprintln!("quire: {}: left out, since its name is not that of a document", address.display());
    }
    if inputs.is_empty() && objects.inputs.is_empty() {
        return Ok(Exit::Unusable);
    }
    if arguments.dry_run {
        return plan(&inputs, &objects, arguments.client.json);
    }
    let client = if arguments.wait {
        Client::waiting(config, &arguments.client)?
    } else {
        Client::new(config, &arguments.client)?
    };
    let (documents, no_documents) = send_all(&client, &inputs, &objects, bar)?;
    rejected.extend(no_documents);
    let all = rejected.is_empty() && objects.rejected.is_empty();
    if documents.is_empty() {
        return Ok(Exit::Unusable);
    }
    submit(config, arguments, &client, documents, all, bar)
}

fn submit(
    config: &Config,
    arguments: &Submit,
    client: &Client,
    documents: Vec<NamedDocument>,
    all: bool,
    bar: &ProgressBar,
) -> anyhow::Result<Exit> {
    let json = arguments.client.json;
    let job = NewJob {
        documents,
        options: options(config, arguments),
        pages: arguments.pages.clone(),
        priority: arguments.priority.into(),
        collection: arguments.collection.clone(),
        idempotency_key: arguments.idempotency_key.clone(),
    };
    let status: JobStatus = client.submit(&job)?;
    if arguments.wait {
        let exit = watch(client, status.job, json, bar)?;
        return Ok(if exit == Exit::Done && !all { Exit::Partial } else { exit });
    }
    if json {
        jobs::say(&status, true)?;
    } else {
        println!("{}", status.job);
    }
    jobs::say_if_left(client, &status);
    Ok(if all { Exit::Done } else { Exit::Partial })
}

/// Without a flag, the coordinator's own configuration decides.
fn options(config: &Config, arguments: &Submit) -> Option<ProcessingOptions> {
    if arguments.mode.is_none() && !arguments.split_spreads {
        return None;
    }
    let own = config.convert.options();
    let mode = arguments.mode.map_or(own.mode, Into::into);
    Some(ProcessingOptions { mode, split_spreads: arguments.split_spreads || own.split_spreads, ..own })
}

fn plan(inputs: &[Input], objects: &Objects, json: bool) -> anyhow::Result<Exit> {
    let mut planned = Vec::with_capacity(inputs.len() + objects.inputs.len());
    for input in inputs {
        let bytes = fs::metadata(&input.path)?.len();
        planned.push(Planned { path: &input.path, name: send::name(input), bytes });
    }
    planned.extend(objects.inputs.iter().map(|object| Planned {
        path: &object.address,
        name: object.name.clone(),
        bytes: object.bytes,
    }));
    for document in &planned {
        let Planned { path, name, bytes } = document;
        if json {
            print_json(document)?;
        } else {
            println!("{} as {name}: {}", path.display(), bytesize::ByteSize(*bytes));
        }
    }
    let all = planned.iter().map(|document| document.bytes).sum();
    eprintln!("quire: {} documents, {}; nothing was sent", planned.len(), bytesize::ByteSize(all));
    Ok(Exit::Done)
}

/// Sends everything; says what turns out to be no document.
fn send_all(
    client: &Client,
    inputs: &[Input],
    objects: &Objects,
    bar: &ProgressBar,
) -> anyhow::Result<(Vec<NamedDocument>, Vec<Rejected>)> {
    let all = (inputs.len() + objects.inputs.len()) as u64;
    progress::show(bar, (0, all), "documents", "sending".to_owned());
    let mut documents = send::files(client, inputs, bar)?;
    let (more, rejected) = send::objects(client, objects, bar)?;
    documents.extend(more);
    bar.finish_and_clear();
    bar.reset();
    send::say(&rejected);
    Ok((documents, rejected))
}
