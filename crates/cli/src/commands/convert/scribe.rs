//! Takes the events of a run: tells people, and writes each document's results as it completes.

use std::{collections::HashMap, path::PathBuf};

use quire_coordinator::JobEvent;
use quire_ports::PageMark;
use quire_proto::{DocumentId, Ledger, manifest::ManifestDocument};

use super::{
    debug,
    export::{self, Exported},
    run::{Session, fail},
};
use crate::{
    embedded::Embedded,
    inputs::Input,
    progress::{Event, Reporter, Summary},
};

/// Listens to one run.
pub(super) struct Scribe<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) embedded: &'a Embedded,
    pub(super) inputs: HashMap<DocumentId, Vec<Input>>,
    pub(super) ledgers: HashMap<DocumentId, Ledger>,
    pub(super) reporter: &'a mut Reporter,
    pub(super) summary: &'a mut Summary,
}

impl Scribe<'_> {
    /// Takes one event.
    ///
    /// # Errors
    /// When results cannot be written, for no other document's can be either.
    pub(super) async fn take(&mut self, event: JobEvent) -> anyhow::Result<()> {
        match event {
            JobEvent::Planned { document, ledger } => self.planned(document, ledger),
            JobEvent::Refused { document, failure } => {
                for Input { path, .. } in self.inputs_of(document) {
                    fail(self.reporter, self.summary, &path, failure.message.clone());
                }
            }
            JobEvent::Pages { document, pages } => self.pages(document, &pages),
            JobEvent::Complete(document) => self.complete(&document).await?,
        }
        Ok(())
    }

    fn inputs_of(&self, document: DocumentId) -> Vec<Input> {
        self.inputs.get(&document).cloned().unwrap_or_default()
    }

    fn planned(&mut self, document: DocumentId, ledger: Ledger) {
        self.summary.resumed += ledger.decided();
        self.ledgers.insert(document, ledger);
        for Input { path, .. } in self.inputs_of(document) {
            self.reporter.report(&Event::DocumentStarted {
                path: &path,
                document,
                pages: ledger.submitted(),
            });
            self.reporter.report(&Event::Pages { path: &path, pages: ledger });
        }
    }

    fn pages(&mut self, document: DocumentId, marks: &[PageMark]) {
        let Some(ledger) = self.ledgers.get_mut(&document) else { return };
        for mark in marks {
            ledger.count(mark.status);
            ledger.pending = ledger.pending.saturating_sub(1);
        }
        let pages = *ledger;
        for Input { path, .. } in self.inputs_of(document) {
            self.reporter.report(&Event::Pages { path: &path, pages });
        }
    }

    async fn complete(&mut self, document: &ManifestDocument) -> anyhow::Result<()> {
        for input in self.inputs_of(document.document) {
            let Exported { outputs, failures } =
                export::export(self.session, self.embedded, document, &input).await?;
            if let Some(folder) = &self.session.arguments.debug_images {
                debug::draw(self.session, self.embedded, document, &input, folder).await?;
            }
            let Input { path, .. } = input;
            self.reporter.report(&Event::DocumentDone {
                path: &path,
                outputs: &outputs,
                pages: document.ledger,
                failures: &failures,
            });
            self.summary.documents += 1;
            self.summary
                .failed_pages
                .extend(failures.into_iter().map(|failure| (PathBuf::clone(&path), failure)));
        }
        Ok(())
    }
}
