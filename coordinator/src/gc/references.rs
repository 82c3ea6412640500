//! What jobs refer to: sixteen bytes for each document, and as many for its results.

use std::{collections::HashSet, time::SystemTime};

use futures_util::{StreamExt, TryStreamExt, stream};
use quire_ports::{Listings, ObjectStore};
use quire_proto::{
    DocumentId, JobId, ObjectKey, ProfileId, Tenant,
    manifest::{JobSpec, MANIFEST_SCHEMA, Manifest, SPEC_SCHEMA},
    object_key::Pinned,
};
use sha2::{Digest, Sha256};

use crate::{CoordinatorError, records};

/// Specs read at once.
const READ_AT_ONCE: usize = 8;

/// The leading bytes of a hash: two that meet keep some garbage, no more.
type Mark = [u8; 16];

/// What counts as used.
#[derive(Debug, Default)]
pub(super) struct References {
    jobs: HashSet<JobId>,
    marks: HashSet<Mark>,
}

/// What one job refers to.
struct OfJob {
    job: JobId,
    profile: ProfileId,
    documents: Vec<DocumentId>,
}

impl References {
    /// How many jobs refer to something.
    pub(super) fn jobs(&self) -> u64 {
        self.jobs.len() as u64
    }

    /// Whether this is a document that is used, or belongs to a document and profile that are used together.
    pub(super) fn has(&self, document: DocumentId, profile: Option<ProfileId>) -> bool {
        self.marks.contains(&mark(document, profile))
    }

    /// Takes in all jobs that have records.
    pub(super) async fn take_jobs(
        &mut self,
        store: &dyn ObjectStore,
        tenant: &Tenant,
    ) -> Result<(), CoordinatorError> {
        let prefix = ObjectKey::jobs_prefix(tenant);
        let mut records = Listings::new(store, &prefix, None);
        while let Some(objects) = records.next().await? {
            let mut jobs = HashSet::new();
            for object in objects {
                match object.key.as_job_record() {
                    Some((job, "spec.json" | "manifest.json")) => drop(jobs.insert(job)),
                    Some(_) => {}
                    None => return Err(CoordinatorError::UnknownRecord(object.key)),
                }
            }
            self.read(store, tenant, jobs).await?;
        }
        Ok(())
    }

    /// Takes in what was pinned after `since`, and all jobs that are pinned.
    pub(super) async fn take_pins(
        &mut self,
        store: &dyn ObjectStore,
        tenant: &Tenant,
        since: SystemTime,
    ) -> Result<(), CoordinatorError> {
        let prefix = ObjectKey::pins_prefix(tenant);
        let mut pins = Listings::new(store, &prefix, None);
        while let Some(objects) = pins.next().await? {
            let mut jobs = HashSet::new();
            for pin in objects {
                match pin.key.as_pin() {
                    Some(Pinned::Document(document)) if pin.modified > since => {
                        self.marks.insert(mark(document, None));
                    }
                    Some(Pinned::Document(_)) => {}
                    Some(Pinned::Job(job)) => drop(jobs.insert(job)),
                    None => return Err(CoordinatorError::UnknownRecord(pin.key)),
                }
            }
            self.read(store, tenant, jobs).await?;
        }
        Ok(())
    }

    async fn read(
        &mut self,
        store: &dyn ObjectStore,
        tenant: &Tenant,
        mut jobs: HashSet<JobId>,
    ) -> Result<(), CoordinatorError> {
        jobs.retain(|job| !self.jobs.contains(job));
        let reading = stream::iter(jobs).map(|job| of_job(store, tenant, job)).buffer_unordered(READ_AT_ONCE);
        let mut reading = std::pin::pin!(reading);
        while let Some(found) = reading.try_next().await? {
            let Some(OfJob { job, profile, documents }) = found else { continue };
            self.jobs.insert(job);
            for document in documents {
                self.marks.extend([mark(document, None), mark(document, Some(profile))]);
            }
        }
        Ok(())
    }
}

fn mark(document: DocumentId, profile: Option<ProfileId>) -> Mark {
    let profile = profile.map(|profile| profile.to_string()).unwrap_or_default();
    let digest: [u8; 32] = Sha256::digest(format!("{document}/{profile}")).into();
    digest.first_chunk().copied().unwrap_or_default()
}

/// What the spec of a job says; the manifest, when the removal of the job was interrupted. `None` when it is removed.
async fn of_job(
    store: &dyn ObjectStore,
    tenant: &Tenant,
    job: JobId,
) -> Result<Option<OfJob>, CoordinatorError> {
    let known = |key: &ObjectKey, schema: &str, ours: &str| {
        if schema == ours { Ok(()) } else { Err(CoordinatorError::UnknownRecord(key.clone())) }
    };
    let key = ObjectKey::job_spec(tenant, job);
    if let Some(spec) = records::read::<JobSpec>(store, &key).await? {
        known(&key, &spec.schema, SPEC_SCHEMA)?;
        let documents = spec.documents.iter().map(|document| document.document).collect();
        return Ok(Some(OfJob { job, profile: spec.profile.id(), documents }));
    }
    let key = ObjectKey::job_manifest(tenant, job);
    let Some(manifest) = records::read::<Manifest>(store, &key).await? else { return Ok(None) };
    known(&key, &manifest.schema, MANIFEST_SCHEMA)?;
    let documents = manifest.documents.iter().map(|document| document.document).collect();
    Ok(Some(OfJob { job, profile: manifest.profile, documents }))
}
