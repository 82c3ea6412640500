//! A job as its records tell it, and what is there of each document.

use std::collections::HashSet;

use quire_proto::{
    DocumentId, JobId, Ledger, Tenant,
    manifest::{JobPlan, JobSpec, Manifest, ManifestDocument, Opened, PlannedDocument},
};

use crate::{Coordinator, CoordinatorError, Coverage, results::Shelf};

/// The records of a job.
#[derive(Clone, Debug)]
pub struct JobView {
    /// What was asked.
    pub spec: JobSpec,
    /// How it is divided, when that is known.
    pub plan: Option<JobPlan>,
    /// What came of it, when it is finished.
    pub manifest: Option<Manifest>,
}

impl JobView {
    /// What the submitter calls a document.
    pub fn names(&self, document: DocumentId) -> &[String] {
        let found = self.spec.documents.iter().find(|known| known.document == document);
        found.map_or(&[], |known| known.names.as_slice())
    }

    /// The documents that are planned; none before that.
    pub fn planned(&self) -> &[PlannedDocument] {
        self.plan.as_ref().map_or(&[], |plan| plan.documents.as_slice())
    }

    /// How many documents could not be opened.
    pub fn failed_documents(&self) -> usize {
        self.planned().iter().filter(|planned| matches!(planned.opened, Opened::Failed(_))).count()
    }
}

impl Coordinator {
    /// Reads the records of a job.
    pub async fn view(&self, tenant: &Tenant, job: JobId) -> Result<JobView, CoordinatorError> {
        let spec = self.spec(tenant, job).await?;
        let plan = self.known_plan(&spec).await?;
        let manifest = if plan.is_some() { self.manifest(tenant, job).await? } else { None };
        Ok(JobView { spec, plan, manifest })
    }

    /// What there is of a document: what the manifest says, or what lies in the store until then.
    pub async fn document(
        &self,
        view: &JobView,
        planned: &PlannedDocument,
    ) -> Result<ManifestDocument, CoordinatorError> {
        let document = planned.document;
        if let Some(manifest) = &view.manifest
            && let Some(known) = manifest.documents.iter().find(|known| known.document == document)
        {
            return Ok(known.clone());
        }
        let (ledger, cover, failure) = match &planned.opened {
            Opened::Failed(failure) => (Ledger::default(), Vec::new(), Some(failure.clone())),
            Opened::Pages { selected, .. } => {
                let spec = &view.spec;
                let shelf = Shelf { tenant: spec.tenant.clone(), document, profile: spec.profile.id() };
                let mut coverage = Coverage::new(selected.clone(), spec.epoch);
                shelf.absorb_new(self.ports.store.as_ref(), &mut HashSet::new(), &mut coverage).await?;
                (coverage.ledger(), coverage.pieces(), None)
            }
        };
        Ok(ManifestDocument { document, ledger, failure, cover, cancelled: Default::default() })
    }
}
