//! The jobs of a tenant.

use std::collections::BTreeMap;

use futures_util::{StreamExt, TryStreamExt, stream};
use quire_ports::Listings;
use quire_proto::{JobId, ObjectKey, Priority, Tenant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Phase;
use crate::{Coordinator, CoordinatorError};

/// Specs read at once.
const READ_AT_ONCE: usize = 16;

/// Some jobs of a tenant, ordered by their ids.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobList {
    /// The jobs.
    pub jobs: Vec<JobEntry>,
    /// Where the list goes on; absent at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<JobId>,
}

/// One job of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobEntry {
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
    /// What its first document is called.
    pub name: String,
}

/// Which records a job has.
#[derive(Clone, Copy, Debug, Default)]
struct Records {
    spec: bool,
    plan: bool,
    manifest: bool,
    cancel: bool,
}

impl Records {
    fn add(&mut self, name: &str) {
        match name {
            "spec.json" => self.spec = true,
            "plan.json" => self.plan = true,
            "manifest.json" => self.manifest = true,
            "cancel" => self.cancel = true,
            _ => {}
        }
    }

    fn phase(self) -> Phase {
        match self {
            Self { manifest: true, .. } => Phase::Finished,
            Self { cancel: true, .. } => Phase::Cancelling,
            Self { plan: true, .. } => Phase::Running,
            _ => Phase::Planning,
        }
    }
}

impl Coordinator {
    /// Up to `limit` jobs of a tenant after the job `after`.
    pub async fn list(
        &self,
        tenant: &Tenant,
        after: Option<JobId>,
        limit: usize,
    ) -> Result<JobList, CoordinatorError> {
        let (found, more) = self.records_of_jobs(tenant, after, limit).await?;
        let next = if more { found.keys().next_back().copied() } else { None };
        let reading = stream::iter(found.into_iter().filter(|(_, records)| records.spec))
            .map(|(job, records)| self.entry(tenant, job, records.phase()))
            .buffered(READ_AT_ONCE);
        let jobs: Vec<Option<JobEntry>> = reading.try_collect().await?;
        Ok(JobList { jobs: jobs.into_iter().flatten().collect(), next })
    }

    async fn records_of_jobs(
        &self,
        tenant: &Tenant,
        after: Option<JobId>,
        limit: usize,
    ) -> Result<(BTreeMap<JobId, Records>, bool), CoordinatorError> {
        let prefix = ObjectKey::jobs_prefix(tenant);
        // The last of a job's records by name.
        let after = after.map(|job| ObjectKey::job_spec(tenant, job));
        let mut listings = Listings::new(self.ports.store.as_ref(), &prefix, after);
        let mut found: BTreeMap<JobId, Records> = BTreeMap::new();
        while let Some(objects) = listings.next().await? {
            for (job, name) in objects.iter().filter_map(|object| object.key.as_job_record()) {
                if !found.contains_key(&job) && found.len() == limit {
                    return Ok((found, true));
                }
                found.entry(job).or_default().add(name);
            }
        }
        Ok((found, false))
    }

    /// `None` when the job was removed meanwhile.
    async fn entry(
        &self,
        tenant: &Tenant,
        job: JobId,
        phase: Phase,
    ) -> Result<Option<JobEntry>, CoordinatorError> {
        let spec = match self.spec(tenant, job).await {
            Ok(spec) => spec,
            Err(CoordinatorError::UnknownJob(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        let name = spec.documents.first().and_then(|document| document.names.first()).cloned();
        Ok(Some(JobEntry {
            job,
            collection: spec.collection,
            priority: spec.priority,
            phase,
            documents: spec.documents.len(),
            name: name.unwrap_or_default(),
        }))
    }
}
