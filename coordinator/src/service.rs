//! The coordinator as its callers see it.

use std::{path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use quire_ports::Ports;
use quire_proto::{
    JobId, Ledger, ObjectKey, PageSet, Tenant,
    manifest::{JobPlan, JobSpec, Manifest, ManifestDocument},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    CoordinatorError, JobEvent, PageCounter, PageReader, SubmitRequest, Submitted, plan, records, run::Run,
    submit,
};

/// How much the coordinator does at once, and how patient it is.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Most ranges published and not yet seen in the store. At least twice what all workers hold; default 256.
    pub window: usize,
    /// Documents whose ranges are mixed on the queue. One delivers the first document soonest, many are fairer to
    /// small ones behind a large one; default 4.
    pub open_documents: usize,
    /// Documents opened at the same time to count their pages; default 8.
    pub counted_at_once: usize,
    /// Time between two comparisons of the plan with the store; default 60 s, 1 s within one process.
    pub reconcile_every: Duration,
    /// Age at which a published range without a result is taken for lost; default 300 s.
    pub republish_after: Duration,
    /// Folder for local copies of remote documents.
    pub scratch: PathBuf,
}

impl Settings {
    /// The defaults of a service.
    pub fn new(scratch: impl Into<PathBuf>) -> Self {
        Self {
            window: 256,
            open_documents: 4,
            counted_at_once: 8,
            reconcile_every: Duration::from_secs(60),
            republish_after: Duration::from_secs(300),
            scratch: scratch.into(),
        }
    }

    /// The defaults of one process, where nothing but a bug loses a message.
    pub fn embedded(scratch: impl Into<PathBuf>) -> Self {
        Self {
            reconcile_every: Duration::from_secs(1),
            republish_after: Duration::from_secs(3600),
            ..Self::new(scratch)
        }
    }
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobOutcome {
    /// Every page is accounted for, and this is the committed record of it.
    Finished(Manifest),
    /// The run was asked to stop; another one goes on from here.
    Interrupted(Ledger),
}

impl JobOutcome {
    /// All pages by state.
    pub fn ledger(&self) -> Ledger {
        match self {
            Self::Finished(manifest) => manifest.ledger,
            Self::Interrupted(ledger) => *ledger,
        }
    }
}

/// Takes jobs in and sees them through. Holds no state of its own: any number may work on the same job.
#[derive(Clone, Debug)]
pub struct Coordinator {
    pub(crate) ports: Ports,
    pub(crate) counter: Arc<dyn PageCounter>,
    pub(crate) settings: Settings,
}

impl Coordinator {
    /// A coordinator over these ports.
    pub fn new(ports: Ports, counter: Arc<dyn PageCounter>, settings: Settings) -> Self {
        Self { ports, counter, settings }
    }

    /// Takes documents in. Idempotent: the same bytes, profile, pages and epoch are the same job.
    pub async fn submit(&self, request: SubmitRequest) -> Result<Submitted, CoordinatorError> {
        submit::submit(self.ports.store.as_ref(), request).await
    }

    /// Sees a job through, from wherever it is to its manifest.
    ///
    /// Tells `events` what happens and waits while they are not taken, so keep taking them; a receiver that was
    /// dropped is no obstacle. Ends early when `shutdown` is cancelled; nothing is lost by dropping the future.
    pub async fn run(
        &self,
        tenant: &Tenant,
        job: JobId,
        events: mpsc::Sender<JobEvent>,
        shutdown: CancellationToken,
    ) -> Result<JobOutcome, CoordinatorError> {
        let spec = self.spec(tenant, job).await?;
        // Boxed: the state machine of a run is large, and there are few of them.
        let work = Box::pin(async {
            let plan = self.plan(&spec).await?;
            Run::new(self, &spec, &plan, events, shutdown.clone()).finish().await
        });
        work.await
    }

    /// The job that tries again what failed in `job`: the same request in the next epoch.
    ///
    /// It is `job` itself while that is not finished, or when nothing in it failed.
    pub async fn retry(&self, tenant: &Tenant, mut job: JobId) -> Result<JobId, CoordinatorError> {
        while self.manifest(tenant, job).await?.is_some_and(|manifest| manifest.has_failures()) {
            let spec = self.spec(tenant, job).await?;
            job = submit::resubmit(self.ports.store.as_ref(), spec).await?;
        }
        Ok(job)
    }

    /// Marks a job as given up: pages without a result become `cancelled`.
    pub async fn cancel(&self, tenant: &Tenant, job: JobId) -> Result<(), CoordinatorError> {
        let marker = ObjectKey::job_cancel(tenant, job);
        self.ports.store.put_if_absent(&marker, Bytes::new()).await?;
        Ok(())
    }

    /// The committed record of a job; `None` while it is not finished.
    pub async fn manifest(&self, tenant: &Tenant, job: JobId) -> Result<Option<Manifest>, CoordinatorError> {
        records::read(self.ports.store.as_ref(), &ObjectKey::job_manifest(tenant, job)).await
    }

    /// Reads a document's records in page order.
    pub fn pages(&self, document: &ManifestDocument) -> PageReader {
        PageReader::new(self.ports.store.clone(), document)
    }

    /// Reads some of a document's records in page order.
    pub fn selected_pages(&self, document: &ManifestDocument, pages: &PageSet) -> PageReader {
        PageReader::select(self.ports.store.clone(), document, pages)
    }

    async fn spec(&self, tenant: &Tenant, job: JobId) -> Result<JobSpec, CoordinatorError> {
        records::read(self.ports.store.as_ref(), &ObjectKey::job_spec(tenant, job))
            .await?
            .ok_or(CoordinatorError::UnknownJob(job))
    }

    async fn plan(&self, spec: &JobSpec) -> Result<JobPlan, CoordinatorError> {
        let store = self.ports.store.as_ref();
        let key = ObjectKey::job_plan(&spec.tenant, spec.job);
        if let Some(plan) = records::read(store, &key).await? {
            return Ok(plan);
        }
        let Settings { scratch, counted_at_once, .. } = &self.settings;
        let counts =
            plan::count_all(spec, &self.ports.store, &self.counter, scratch, *counted_at_once).await?;
        records::write_once(store, &key, plan::plan(spec, counts)).await
    }
}
