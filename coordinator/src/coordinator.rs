//! The coordinator as its callers see it.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use quire_ports::{Ports, StoredFile};
use quire_proto::{
    DocumentId, JobId, Ledger, ObjectKey, PageSet, RangeJob, Tenant,
    manifest::{JobPlan, JobSpec, Manifest, ManifestDocument},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    CoordinatorError, JobEvent, JobTerms, PageCounter, PageReader, Settings, SubmitRequest, Submitted,
    gauge::{Gauge, Gauges},
    gc::Holder,
    parked::Parked,
    plan, records,
    run::Run,
    submit,
    window::Window,
};

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

/// Takes jobs in and sees them through. Clones share one window.
///
/// What it holds can be derived from the store again: any number of coordinators may work on the same job.
#[derive(Clone, Debug)]
pub struct Coordinator {
    pub(crate) ports: Ports,
    pub(crate) counter: Arc<dyn PageCounter>,
    pub(crate) settings: Settings,
    pub(crate) window: Window,
    pub(crate) gauges: Gauges,
    parked: Arc<Parked>,
}

impl Coordinator {
    /// A coordinator over these ports.
    pub fn new(ports: Ports, counter: Arc<dyn PageCounter>, settings: Settings) -> Self {
        let window = Window::new(settings.window, settings.weights.clone());
        let parked = Arc::new(Parked::new(settings.reconcile_every));
        Self { ports, counter, settings, window, gauges: Gauges::default(), parked }
    }

    /// How much it does at once, and how patient it is.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    fn holder<'a>(&'a self, tenant: &'a Tenant) -> Holder<'a> {
        Holder { store: self.ports.store.as_ref(), tenant, collected: self.settings.collected }
    }

    /// Stores the bytes of one document.
    pub async fn store_source(&self, tenant: &Tenant, file: &Path) -> Result<StoredFile, CoordinatorError> {
        Ok(self.holder(tenant).store(file).await?)
    }

    /// Whether the bytes of a document are in the store, and stay there for long enough to submit it.
    pub async fn has_source(&self, tenant: &Tenant, document: DocumentId) -> Result<bool, CoordinatorError> {
        Ok(self.holder(tenant).document(document).await?.is_some())
    }

    /// Takes in a job about documents that were stored before, each with what its submitter calls it.
    pub async fn submit_stored(
        &self,
        terms: JobTerms,
        documents: Vec<(DocumentId, String)>,
    ) -> Result<JobId, CoordinatorError> {
        submit::submit_stored(self.holder(&terms.tenant.clone()), terms, documents).await
    }

    /// Takes documents in. Idempotent: the same bytes, profile, pages and epoch are the same job.
    pub async fn submit(&self, request: SubmitRequest) -> Result<Submitted, CoordinatorError> {
        submit::submit(self.holder(&request.terms.tenant.clone()), request).await
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
        let outcome = work.await?;
        if matches!(outcome, JobOutcome::Finished(_)) {
            self.close(tenant, job).await;
        }
        Ok(outcome)
    }

    /// Removes the marker of a finished job. When that fails, whoever finds the marker finds the manifest too.
    pub(crate) async fn close(&self, tenant: &Tenant, job: JobId) {
        if let Err(error) = self.ports.store.delete(&ObjectKey::open_job(tenant, job)).await {
            tracing::warn!(%job, %error, "a finished job is still marked as open");
        }
    }

    /// Forgets marks that the store does not bear out.
    pub(crate) async fn forget_progress(&self, job: JobId, document: DocumentId) {
        if let Err(error) = self.ports.progress.forget(job, document).await {
            tracing::warn!(%job, %document, %error, "progress may be ahead of the store until it is compared again");
        }
    }

    /// How far a job is and how fast it goes, when it is running here.
    pub fn gauge(&self, job: JobId) -> Option<Arc<Gauge>> {
        self.gauges.get(job)
    }

    /// Ranges whose attempts are used up, as of late.
    pub(crate) async fn parked(&self) -> Result<Arc<Vec<RangeJob>>, CoordinatorError> {
        Ok(self.parked.list(self.ports.queue.as_ref()).await?)
    }

    /// Removes parked ranges whose pages are accounted for.
    pub(crate) async fn forget_parked(&self, jobs: &[RangeJob]) -> Result<(), CoordinatorError> {
        Ok(self.parked.forget(self.ports.queue.as_ref(), jobs).await?)
    }

    /// Removes what was parked after a job was finished.
    async fn forget_parked_of(&self, job: JobId) {
        let forgotten = async {
            let parked = self.parked().await?;
            let ours: Vec<RangeJob> = parked.iter().filter(|parked| parked.job == job).cloned().collect();
            self.forget_parked(&ours).await
        };
        if let Err(error) = forgotten.await {
            tracing::warn!(%job, %error, "ranges of a finished job stay parked");
        }
    }

    /// The job that tries again what failed in `job`: the same request in the next epoch.
    ///
    /// It is `job` itself while that is not finished, or when nothing in it failed.
    pub async fn retry(&self, tenant: &Tenant, mut job: JobId) -> Result<JobId, CoordinatorError> {
        while self.manifest(tenant, job).await?.is_some_and(|manifest| manifest.has_failures()) {
            let spec = self.spec(tenant, job).await?;
            self.forget_parked_of(job).await;
            job = submit::resubmit(self.holder(tenant), spec).await?;
        }
        Ok(job)
    }

    /// Marks a job as given up: pages without a result become `cancelled`. Nothing happens to a finished job.
    pub async fn cancel(&self, tenant: &Tenant, job: JobId) -> Result<(), CoordinatorError> {
        self.spec(tenant, job).await?;
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

    /// What was asked.
    pub async fn spec(&self, tenant: &Tenant, job: JobId) -> Result<JobSpec, CoordinatorError> {
        records::read(self.ports.store.as_ref(), &ObjectKey::job_spec(tenant, job))
            .await?
            .ok_or(CoordinatorError::UnknownJob(job))
    }

    /// How a job is divided; `None` while that is not known.
    pub(crate) async fn known_plan(&self, spec: &JobSpec) -> Result<Option<JobPlan>, CoordinatorError> {
        records::read(self.ports.store.as_ref(), &ObjectKey::job_plan(&spec.tenant, spec.job)).await
    }

    async fn plan(&self, spec: &JobSpec) -> Result<JobPlan, CoordinatorError> {
        let store = self.ports.store.as_ref();
        if let Some(plan) = self.known_plan(spec).await? {
            return Ok(plan);
        }
        let key = ObjectKey::job_plan(&spec.tenant, spec.job);
        let Settings { scratch, counted_at_once, .. } = &self.settings;
        let counts =
            plan::count_all(spec, &self.ports.store, &self.counter, scratch, *counted_at_once).await?;
        records::write_once(store, &key, plan::plan(spec, counts)).await
    }
}
