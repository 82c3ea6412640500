//! Where a job stands.

use quire_proto::{JobId, Ledger, ObjectKey, Priority, Tenant, manifest::Opened};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::JobView;
use crate::{Coordinator, CoordinatorError};

/// How far a job has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Its pages are being counted.
    Planning,
    /// Its pages are being read.
    Running,
    /// It was cancelled and ends within seconds.
    Cancelling,
    /// Every page is accounted for, and nothing changes any more.
    Finished,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobStatus {
    /// The job.
    pub job: JobId,
    /// What its submitter calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// Which queue its ranges travel on.
    pub priority: Priority,
    /// How far it has come.
    pub phase: Phase,
    /// How many documents it is about.
    pub documents: usize,
    /// How many of them could not be opened.
    pub failed_documents: usize,
    /// Its pages by state; none before they are counted.
    pub pages: Ledger,
    /// Pages per second of late, when the job runs in the process that answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Whether progress is not to be had, so that `pages` may be behind.
    pub stale: bool,
}

impl Coordinator {
    /// Says where a job stands.
    pub async fn status(&self, tenant: &Tenant, job: JobId) -> Result<JobStatus, CoordinatorError> {
        let view = self.view(tenant, job).await?;
        let (pages, stale) = match &view.manifest {
            Some(manifest) => (manifest.ledger, false),
            None => self.pages_so_far(&view).await,
        };
        Ok(JobStatus {
            job,
            collection: view.spec.collection.clone(),
            priority: view.spec.priority,
            phase: self.phase(tenant, &view).await?,
            documents: view.spec.documents.len(),
            failed_documents: view.failed_documents(),
            pages,
            rate: self.gauge(job).and_then(|gauge| gauge.rate()),
            stale,
        })
    }

    async fn phase(&self, tenant: &Tenant, view: &JobView) -> Result<Phase, CoordinatorError> {
        if view.manifest.is_some() {
            return Ok(Phase::Finished);
        }
        let marker = ObjectKey::job_cancel(tenant, view.spec.job);
        let cancelled = self.ports.store.head(&marker).await?.is_some();
        Ok(match (&view.plan, cancelled) {
            (_, true) => Phase::Cancelling,
            (None, _) => Phase::Planning,
            (Some(_), _) => Phase::Running,
        })
    }

    /// The larger of what progress says and what the run here has seen, and whether progress said nothing.
    async fn pages_so_far(&self, view: &JobView) -> (Ledger, bool) {
        let selected = view.planned().iter().filter_map(|planned| match &planned.opened {
            Opened::Pages { selected, .. } => Some(selected.count()),
            Opened::Failed(_) => None,
        });
        let submitted: u64 = selected.sum();
        let snapshot = self.ports.progress.snapshot(view.spec.job).await;
        let stale = snapshot.is_err();
        let marked: Ledger =
            snapshot.map(|known| known.documents.values().copied().sum()).unwrap_or_default();
        let seen = self.gauge(view.spec.job).map(|gauge| gauge.ledger()).unwrap_or_default();
        let mut pages = if seen.decided() > marked.decided() { seen } else { marked };
        pages.pending = submitted.saturating_sub(pages.decided());
        (pages, stale)
    }
}
