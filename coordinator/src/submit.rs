//! Taking documents in: bytes into the store, the request into a spec.

use std::{collections::HashMap, num::NonZeroU32, path::PathBuf};

use quire_ports::{ObjectStore, StoreError};
use quire_proto::{
    DocumentId, JobId, ObjectKey, PageSet, Priority, Profile, Tenant,
    manifest::{DocumentSpec, JobSpec, SPEC_SCHEMA},
};

use crate::{CoordinatorError, records};

/// A file to take in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// What the submitter calls it.
    pub name: String,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct SubmitRequest {
    /// Who asks.
    pub tenant: Tenant,
    /// How pages are processed.
    pub profile: Profile,
    /// The files.
    pub inputs: Vec<Input>,
    /// The pages wanted of every document; all when `None`.
    pub pages: Option<PageSet>,
    /// Raise it to try failed pages again.
    pub epoch: u32,
    /// Pages in a range: 16 is usual, 32 the most. Smaller ranges lose less when a worker dies.
    pub range_size: NonZeroU32,
    /// Which queue the ranges travel on.
    pub priority: Priority,
}

/// What became of a request.
#[derive(Debug)]
pub struct Submitted {
    /// The job; equal requests about equal bytes are the same job.
    pub job: JobId,
    /// The documents under the names of this request, in the order of the inputs, each once.
    pub documents: Vec<DocumentSpec>,
    /// Files that could not be taken in; the job goes on without them.
    pub refused: Vec<RefusedInput>,
}

/// A file that could not be taken in.
#[derive(Debug)]
pub struct RefusedInput {
    /// The file.
    pub input: Input,
    /// [`StoreError::Input`] or [`StoreError::InputChanged`].
    pub error: StoreError,
}

/// Stores the inputs and the spec.
pub(crate) async fn submit(
    store: &dyn ObjectStore,
    request: SubmitRequest,
) -> Result<Submitted, CoordinatorError> {
    let mut intake = Intake::default();
    for input in &request.inputs {
        intake.take(store, &request.tenant, input).await?;
    }
    let Intake { documents, refused, .. } = intake;
    let spec = JobSpec {
        schema: SPEC_SCHEMA.to_owned(),
        job: JobId::of(&[]),
        tenant: request.tenant,
        profile: request.profile,
        documents: documents.clone(),
        pages: request.pages,
        epoch: request.epoch,
        range_size: request.range_size,
        priority: request.priority,
    };
    let job = write(store, spec).await?;
    Ok(Submitted { job, documents, refused })
}

/// Asks once more for what `spec` asks: what failed is tried again, what was done is not.
pub(crate) async fn resubmit(store: &dyn ObjectStore, spec: JobSpec) -> Result<JobId, CoordinatorError> {
    write(store, JobSpec { epoch: spec.epoch + 1, ..spec }).await
}

/// Gives the spec its identity and stores it.
async fn write(store: &dyn ObjectStore, spec: JobSpec) -> Result<JobId, CoordinatorError> {
    let job = job_id(&spec);
    let key = ObjectKey::job_spec(&spec.tenant, job);
    records::write_once(store, &key, JobSpec { job, ..spec }).await?;
    Ok(job)
}

#[derive(Default)]
struct Intake {
    documents: Vec<DocumentSpec>,
    places: HashMap<DocumentId, usize>,
    refused: Vec<RefusedInput>,
}

impl Intake {
    async fn take(
        &mut self,
        store: &dyn ObjectStore,
        tenant: &Tenant,
        input: &Input,
    ) -> Result<(), StoreError> {
        let name = |digest| ObjectKey::source(tenant, DocumentId::from_digest(digest));
        match store.put_file(&input.path, &name).await {
            Ok(stored) => self.add(DocumentId::from_digest(stored.sha256), stored.bytes, &input.name),
            Err(error @ (StoreError::Input { .. } | StoreError::InputChanged { .. })) => {
                self.refused.push(RefusedInput { input: input.clone(), error });
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Equal files are one document with several names.
    fn add(&mut self, document: DocumentId, bytes: u64, name: &str) {
        let next = self.documents.len();
        let place = *self.places.entry(document).or_insert(next);
        if place == next {
            self.documents.push(DocumentSpec { document, names: Vec::new(), bytes });
        }
        if let Some(known) = self.documents.get_mut(place) {
            known.names.push(name.to_owned());
        }
    }
}

/// The job that stands for these bytes, options and pages; names do not matter.
fn job_id(spec: &JobSpec) -> JobId {
    let documents: Vec<String> =
        spec.documents.iter().map(|document| document.document.to_string()).collect();
    let identity = [
        spec.tenant.as_str().to_owned(),
        spec.profile.id().to_string(),
        spec.pages.as_ref().map(PageSet::to_string).unwrap_or_else(|| "all".to_owned()),
        spec.epoch.to_string(),
        spec.range_size.to_string(),
        documents.join(","),
    ];
    // A tenant may hold any byte but every other part is plain, so the length of the first makes this unambiguous.
    JobId::of(format!("{}\n{}", identity[0].len(), identity.join("\n")).as_bytes())
}
