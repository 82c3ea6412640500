//! Taking documents in: bytes into the store, the request into a spec.

use std::{collections::HashMap, num::NonZeroU32, path::PathBuf};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use quire_ports::StoreError;
use quire_proto::{
    DocumentId, JobId, ObjectKey, PageSet, Priority, Profile, Tenant,
    manifest::{DocumentSpec, JobSpec, SPEC_SCHEMA},
};
use serde::{Deserialize, Serialize};

use crate::{CoordinatorError, gc::Holder, records};

/// Documents looked at once.
const LOOKED_AT_ONCE: usize = 16;

/// A file to take in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// What the submitter calls it.
    pub name: String,
}

/// What is asked of documents.
#[derive(Clone, Debug)]
pub struct JobTerms {
    /// Who asks.
    pub tenant: Tenant,
    /// How pages are processed.
    pub profile: Profile,
    /// The pages wanted of every document; all when `None`.
    pub pages: Option<PageSet>,
    /// Raise it to try failed pages again.
    pub epoch: u32,
    /// Pages in a range: 16 is usual, 32 the most. Smaller ranges lose less when a worker dies.
    pub range_size: NonZeroU32,
    /// Which queue the ranges travel on.
    pub priority: Priority,
    /// What the submitter calls the whole.
    pub collection: Option<String>,
    /// The same key stands for the same request for ever.
    pub idempotency_key: Option<String>,
}

impl JobTerms {
    /// Everything about all pages, as an ordinary job.
    pub fn new(tenant: Tenant, profile: Profile) -> Self {
        Self {
            tenant,
            profile,
            pages: None,
            epoch: 0,
            range_size: const { NonZeroU32::new(16).unwrap() },
            priority: Priority::default(),
            collection: None,
            idempotency_key: None,
        }
    }
}

/// Files, and what is asked of them.
#[derive(Clone, Debug)]
pub struct SubmitRequest {
    /// The files.
    pub inputs: Vec<Input>,
    /// What is asked.
    pub terms: JobTerms,
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
    holder: Holder<'_>,
    request: SubmitRequest,
) -> Result<Submitted, CoordinatorError> {
    let mut intake = Intake::default();
    for input in &request.inputs {
        intake.take(holder, input).await?;
    }
    let Intake { documents, refused, .. } = intake;
    let job = submit_documents(holder, request.terms, documents.clone()).await?;
    Ok(Submitted { job, documents, refused })
}

/// Stores the spec of a job about documents that were stored before.
pub(crate) async fn submit_stored(
    holder: Holder<'_>,
    terms: JobTerms,
    named: Vec<(DocumentId, String)>,
) -> Result<JobId, CoordinatorError> {
    let mut intake = Intake::default();
    let looking = stream::iter(named)
        .map(|(document, name)| named_document(holder, document, name))
        .buffered(LOOKED_AT_ONCE);
    let mut looking = std::pin::pin!(looking);
    while let Some((document, name, bytes)) = looking.try_next().await? {
        intake.add(document, bytes, &name);
    }
    if intake.documents.is_empty() {
        return Err(CoordinatorError::NoDocuments);
    }
    submit_documents(holder, terms, intake.documents).await
}

async fn named_document(
    holder: Holder<'_>,
    document: DocumentId,
    name: String,
) -> Result<(DocumentId, String, u64), CoordinatorError> {
    let source = holder.document(document).await?.ok_or(CoordinatorError::NoSource(document))?;
    Ok((document, name, source.bytes))
}

async fn submit_documents(
    holder: Holder<'_>,
    terms: JobTerms,
    documents: Vec<DocumentSpec>,
) -> Result<JobId, CoordinatorError> {
    let spec = JobSpec {
        schema: SPEC_SCHEMA.to_owned(),
        job: JobId::of(&[]),
        tenant: terms.tenant,
        profile: terms.profile,
        documents,
        pages: terms.pages,
        epoch: terms.epoch,
        range_size: terms.range_size,
        priority: terms.priority,
        collection: terms.collection,
    };
    if let Some(key) = &terms.idempotency_key {
        let job = job_id(&spec);
        let key = ObjectKey::submission(&spec.tenant, key);
        let first: Submission = records::write_once(holder.store, &key, Submission { job }).await?;
        if first.job != job {
            return Err(CoordinatorError::KeyTaken(first.job));
        }
    }
    write(holder, spec).await
}

/// What an idempotency key stands for. The job's id is a function of the request.
#[derive(Serialize, Deserialize)]
struct Submission {
    job: JobId,
}

/// Asks once more for what `spec` asks: what failed is tried again, what was done is not.
pub(crate) async fn resubmit(holder: Holder<'_>, spec: JobSpec) -> Result<JobId, CoordinatorError> {
    write(holder, JobSpec { epoch: spec.epoch + 1, ..spec }).await
}

/// Gives the spec its identity, stores it, and opens the job unless it is finished.
async fn write(holder: Holder<'_>, spec: JobSpec) -> Result<JobId, CoordinatorError> {
    let store = holder.store;
    let (job, tenant) = (job_id(&spec), spec.tenant.clone());
    records::write_once(store, &ObjectKey::job_spec(&tenant, job), JobSpec { job, ..spec }).await?;
    // After the spec: whoever finds the marker finds the job, and who was not told of the job submits again.
    if store.head(&ObjectKey::job_manifest(&tenant, job)).await?.is_none() {
        // Before the marker: nobody looks at results that a collection of garbage is about to delete.
        holder.job(job).await?;
        store.put_if_absent(&ObjectKey::open_job(&tenant, job), Bytes::new()).await?;
    }
    Ok(job)
}

#[derive(Default)]
struct Intake {
    documents: Vec<DocumentSpec>,
    places: HashMap<DocumentId, usize>,
    refused: Vec<RefusedInput>,
}

impl Intake {
    async fn take(&mut self, holder: Holder<'_>, input: &Input) -> Result<(), StoreError> {
        match holder.store(&input.path).await {
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

/// The job that stands for these bytes, options, pages, priority and collection; neither names of files matter, nor
/// the size of ranges: it is what the coordinator that was first made of it, and stays that.
fn job_id(spec: &JobSpec) -> JobId {
    let documents: Vec<String> =
        spec.documents.iter().map(|document| document.document.to_string()).collect();
    let mut identity = vec![
        spec.tenant.as_str().to_owned(),
        spec.profile.id().to_string(),
        spec.pages.as_ref().map(PageSet::to_string).unwrap_or_else(|| "all".to_owned()),
        spec.epoch.to_string(),
        documents.join(","),
    ];
    if spec.priority != Priority::default() {
        identity.push("high".to_owned());
    }
    identity.extend(spec.collection.as_ref().map(|collection| format!("collection {collection}")));
    // A tenant may hold any byte, so may the collection, which is last; every other part is plain, so the length of
    // the first makes this unambiguous.
    JobId::of(format!("{}\n{}", identity[0].len(), identity.join("\n")).as_bytes())
}
