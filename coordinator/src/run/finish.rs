//! The end of a run: the manifest, committed once.

use quire_proto::{
    Ledger, ObjectKey,
    manifest::{MANIFEST_SCHEMA, Manifest, ManifestDocument, Opened},
};
use tokio::time::sleep_until;

use super::Run;
use crate::{CoordinatorError, JobEvent, JobOutcome, records};

impl Run<'_> {
    /// Commits when nothing is left to do.
    pub(super) async fn end(&mut self) -> Result<JobOutcome, CoordinatorError> {
        loop {
            match self.try_end().await {
                Ok(manifest) => return Ok(JobOutcome::Finished(manifest)),
                Err(error) => self.outlast(error)?,
            }
            let shutdown = self.shutdown.clone();
            tokio::select! {
                () = shutdown.cancelled() => return Ok(JobOutcome::Interrupted(self.ledger)),
                () = sleep_until(self.times.reconcile) => {}
            }
        }
    }

    async fn try_end(&mut self) -> Result<Manifest, CoordinatorError> {
        if self.cancelled {
            // What was finished while nobody looked is not given up.
            for place in 0..self.documents.len() {
                self.look(place).await?;
            }
        }
        let manifest = self.commit().await?;
        self.repair_progress().await;
        Ok(manifest)
    }

    /// Commits the manifest; when another was first, theirs is the one.
    async fn commit(&self) -> Result<Manifest, CoordinatorError> {
        let documents: Vec<ManifestDocument> = self
            .plan
            .documents
            .iter()
            .map(|planned| {
                let run = self.places.get(&planned.document).and_then(|place| self.documents.get(*place));
                run.map_or_else(
                    || ManifestDocument {
                        document: planned.document,
                        ledger: Ledger::default(),
                        failure: match &planned.opened {
                            Opened::Failed(failure) => Some(failure.clone()),
                            Opened::Pages { .. } => None,
                        },
                        cover: Vec::new(),
                        cancelled: Default::default(),
                    },
                    |run| run.manifest(self.cancelled),
                )
            })
            .collect();
        let manifest = Manifest {
            schema: MANIFEST_SCHEMA.to_owned(),
            tenant: self.spec.tenant.clone(),
            job: self.spec.job,
            profile: self.spec.profile.id(),
            ledger: documents.iter().map(|document| document.ledger).sum(),
            documents,
        };
        let key = ObjectKey::job_manifest(&self.spec.tenant, self.spec.job);
        records::write_once(self.coordinator.ports.store.as_ref(), &key, manifest).await
    }

    /// Tells of a job that was finished before, as if it had just been.
    pub(super) async fn repeat(&self, manifest: Manifest) -> JobOutcome {
        for document in &manifest.documents {
            match &document.failure {
                Some(failure) => {
                    let failure = failure.clone();
                    self.tell(JobEvent::Refused { document: document.document, failure }).await;
                }
                None => {
                    let ledger = document.ledger;
                    self.tell(JobEvent::Planned { document: document.document, ledger }).await;
                    self.tell(JobEvent::Complete(document.clone())).await;
                }
            }
        }
        JobOutcome::Finished(manifest)
    }
}
