//! Documents on their way to the coordinator; what the store has already is not sent again.

use std::{
    collections::VecDeque,
    fs::File,
    io::Seek,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    thread,
};

use anyhow::Context;
use indicatif::ProgressBar;
use quire_proto::DocumentId;

use crate::{
    api::types::NamedDocument,
    client::Client,
    inputs::{Input, Objects, Rejected, RemoteInput},
    outputs::sha256_of_file,
};

/// Objects of buckets on their way at once, and so copies of them on the disk.
const AT_ONCE: usize = 4;

/// Sends files of this machine.
pub(super) fn files(
    client: &Client,
    inputs: &[Input],
    bar: &ProgressBar,
) -> anyhow::Result<Vec<NamedDocument>> {
    let mut documents = Vec::with_capacity(inputs.len());
    for input in inputs {
        let document = File::open(&input.path).map_err(Into::into).and_then(|file| one(client, file));
        let document = document.with_context(|| format!("send {}", input.path.display()))?;
        documents.push(NamedDocument { document, name: name(input) });
        bar.inc(1);
    }
    Ok(documents)
}

/// Sends objects, each through a copy that goes when it is sent; says which are no documents.
pub(super) fn objects(
    client: &Client,
    objects: &Objects,
    bar: &ProgressBar,
) -> anyhow::Result<(Vec<NamedDocument>, Vec<Rejected>)> {
    let waiting: Mutex<VecDeque<(usize, &RemoteInput)>> =
        Mutex::new(objects.inputs.iter().enumerate().collect());
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let give_up = || waiting.lock().unwrap_or_else(PoisonError::into_inner).clear();
    let work = || {
        let mut sent = Vec::new();
        while let Some((place, input)) = next() {
            let one = object(client, objects, input).inspect_err(|_| give_up());
            sent.push((place, one.with_context(|| format!("send {}", input.address.display()))?));
            bar.inc(1);
        }
        anyhow::Ok(sent)
    };
    let mut sent = Vec::with_capacity(objects.inputs.len());
    thread::scope(|scope| {
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            sent.extend(thread.join().map_err(|_| anyhow::anyhow!("a thread that sends ended by itself"))??);
        }
        anyhow::Ok(())
    })?;
    sent.sort_by_key(|(place, _)| *place);
    let (mut documents, mut rejected) = (Vec::new(), Vec::new());
    for (_, one) in sent {
        match one {
            Ok(document) => documents.push(document),
            Err(reason) => rejected.push(reason),
        }
    }
    Ok((documents, rejected))
}

fn object(
    client: &Client,
    objects: &Objects,
    input: &RemoteInput,
) -> anyhow::Result<Result<NamedDocument, Rejected>> {
    Ok(match objects.copy(input)? {
        Ok(file) => Ok(NamedDocument { document: one(client, file)?, name: input.name.clone() }),
        Err(reason) => Err(Rejected { path: input.address.clone(), reason }),
    })
}

fn one(client: &Client, mut file: File) -> anyhow::Result<DocumentId> {
    let document = DocumentId::from_digest(sha256_of_file(&file)?);
    if client.has(document)? {
        return Ok(document);
    }
    file.rewind()?;
    // The hash of what arrived counts, should the file have changed since.
    Ok(client.send(file)?.document)
}

/// The path below the folder that was named; the results get the same place below theirs.
pub(super) fn name(input: &Input) -> String {
    let file = input.path.file_name().map(PathBuf::from).unwrap_or_default();
    input.stem.with_file_name(file).to_string_lossy().into_owned()
}

/// Says what cannot be used.
pub(super) fn say(rejected: &[Rejected]) {
    for Rejected { path, reason } in rejected {
        eprintln!("quire: {}: {reason}", path.display());
    }
}
