//! The run: submit, work, export each document as it completes.

use std::{collections::HashMap, path::Path, time::Instant};

use anyhow::Context;
use quire_coordinator::{Input, JobTerms, RefusedInput, SubmitRequest};
use quire_proto::{DocumentId, manifest::DocumentSpec};
use quire_worker::trace::{Timeline, Trace};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::scribe::Scribe;
use crate::{
    args::Convert,
    config::Config,
    embedded::Embedded,
    inputs,
    outputs::{OutputFolder, Standing, sha256_of},
    progress::{Event, Reporter, Summary},
};

/// Events that may wait while results are written.
const EVENT_QUEUE: usize = 256;

/// Writes the timeline to `file` and says in one sentence what held the pages up.
fn draw(file: &Path, timeline: &Timeline) -> anyhow::Result<String> {
    let sentence = timeline.sentence();
    std::fs::write(file, timeline.svg(&sentence)).with_context(|| format!("write {}", file.display()))?;
    Ok(sentence)
}

/// Everything a run needs.
pub(super) struct Session<'a> {
    pub(super) config: Config,
    pub(super) arguments: &'a Convert,
    pub(super) folder: OutputFolder,
    pub(super) inputs: Vec<inputs::Input>,
    pub(super) password: Option<String>,
}

impl Session<'_> {
    /// Converts all inputs; what fails is in `summary`.
    pub(super) async fn run(mut self, reporter: &mut Reporter, summary: &mut Summary) -> anyhow::Result<()> {
        let started = Instant::now();
        let shutdown = CancellationToken::new();
        let signals = tokio::spawn(quire_runtime::cancel_on_signal(shutdown.clone()));
        self.leave_out_taken(reporter, summary)?;
        if self.arguments.overwrite {
            self.folder.forget_results()?;
        }
        if !self.inputs.is_empty() {
            self.convert(&shutdown, reporter, summary).await?;
        }
        signals.abort();
        summary.seconds = started.elapsed().as_secs_f64();
        summary.interrupted = shutdown.is_cancelled();
        Ok(())
    }

    /// Results that we did not make, or that somebody changed, stay as they are.
    fn leave_out_taken(&mut self, reporter: &mut Reporter, summary: &mut Summary) -> anyhow::Result<()> {
        if self.arguments.overwrite {
            return Ok(());
        }
        for input in std::mem::take(&mut self.inputs) {
            let document = || sha256_of(&input.path).map(DocumentId::from_digest);
            match self.folder.standing(&input.stem, &self.arguments.formats, document)? {
                Standing::Free | Standing::Ours(_) => self.inputs.push(input),
                Standing::Taken(there) => {
                    let message =
                        format!("{} is there already: use --overwrite to replace it", there.display());
                    fail(reporter, summary, &input.path, message);
                }
            }
        }
        Ok(())
    }

    async fn convert(
        &self,
        shutdown: &CancellationToken,
        reporter: &mut Reporter,
        summary: &mut Summary,
    ) -> anyhow::Result<()> {
        let trace = if self.arguments.profile_pipeline.is_some() { Trace::on() } else { Trace::default() };
        let state = self.folder.state();
        let embedded = Embedded::start(&self.config, &state, self.password.clone(), trace.clone()).await?;
        let submitted = embedded.coordinator.submit(self.request(&embedded)).await?;
        // Whoever asks again has a reason: a password, more memory, a quieter machine.
        let job = embedded.coordinator.retry(&embedded.tenant, submitted.job).await?;
        for RefusedInput { input, error } in submitted.refused {
            fail(reporter, summary, &input.path, format!("{:#}", anyhow::Error::new(error)));
        }
        let inputs = self.inputs_by_document(&submitted.documents);
        reporter
            .report(&Event::RunStarted { documents: submitted.documents.len(), out: &self.arguments.out });

        let (events, mut happened) = mpsc::channel(EVENT_QUEUE);
        let ledgers = HashMap::new();
        let mut scribe =
            Scribe { session: self, embedded: &embedded, inputs, ledgers, reporter, summary: &mut *summary };
        let listen = async {
            while let Some(event) = happened.recv().await {
                scribe.take(event).await.inspect_err(|_| shutdown.cancel())?;
            }
            anyhow::Ok(())
        };
        // The worker stops when the job is finished, or when everything stops.
        let worker_stop = shutdown.child_token();
        let coordinate = async {
            let outcome = embedded.coordinator.run(&embedded.tenant, job, events, shutdown.clone()).await;
            worker_stop.cancel();
            outcome
        };
        let work = async { embedded.worker.run(&worker_stop).await.inspect_err(|_| shutdown.cancel()) };
        let (outcome, worked, listened) = tokio::join!(coordinate, work, listen);
        worked.context("read pages")?;
        listened?;
        summary.pages = outcome.context("account for the pages")?.ledger();
        embedded.render.shutdown().await;
        if let Some(file) = &self.arguments.profile_pipeline {
            summary.bottleneck = Some(draw(file, &trace.take())?);
        }
        Ok(())
    }

    /// Equal files are one document with several names, and each name has its own results.
    fn inputs_by_document(&self, documents: &[DocumentSpec]) -> HashMap<DocumentId, Vec<inputs::Input>> {
        let mut by_name: HashMap<String, Vec<inputs::Input>> = HashMap::new();
        for input in &self.inputs {
            by_name.entry(name(input)).or_default().push(input.clone());
        }
        let named = |document: &DocumentSpec| {
            document.names.iter().filter_map(|name| by_name.get(name)).flatten().cloned().collect()
        };
        documents.iter().map(|document| (document.document, named(document))).collect()
    }

    fn request(&self, embedded: &Embedded) -> SubmitRequest {
        let input = |input: &inputs::Input| Input { path: input.path.clone(), name: name(input) };
        let terms = JobTerms {
            pages: self.arguments.pages.clone(),
            range_size: self.config.convert.range_pages,
            ..JobTerms::new(embedded.tenant.clone(), embedded.profile.clone())
        };
        SubmitRequest { inputs: self.inputs.iter().map(input).collect(), terms }
    }
}

/// What the coordinator calls an input.
fn name(input: &inputs::Input) -> String {
    input.path.display().to_string()
}

/// Says and remembers that a document has no results.
pub(super) fn fail(reporter: &mut Reporter, summary: &mut Summary, path: &Path, message: String) {
    reporter.report(&Event::DocumentFailed { path, message: &message });
    summary.failed_documents.push((path.to_owned(), message));
}
