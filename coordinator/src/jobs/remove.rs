//! Removing a job: its records go; documents and results stay.
//!
//! Results belong to the content, not to the job: another job may refer to them
//! at any moment. What no job refers to any more is garbage, and collected as such.

use quire_proto::{JobId, ObjectKey, Tenant, manifest::JobPlan};

use crate::{Coordinator, CoordinatorError, records};

impl Coordinator {
    /// Removes the records of a finished job.
    ///
    /// # Errors
    /// When the job is not finished: its ranges would go on without anybody who accounts for them.
    pub async fn remove(&self, tenant: &Tenant, job: JobId) -> Result<(), CoordinatorError> {
        let store = &self.ports.store;
        let manifest = ObjectKey::job_manifest(tenant, job);
        if store.head(&manifest).await?.is_none() {
            self.spec(tenant, job).await?;
            return Err(CoordinatorError::Running(job));
        }
        // The same job may come back when its results are gone.
        let plan: Option<JobPlan> = records::read(store.as_ref(), &ObjectKey::job_plan(tenant, job)).await?;
        for planned in plan.into_iter().flat_map(|plan| plan.documents) {
            self.forget_progress(job, planned.document).await;
        }
        // The manifest last: until then whatever was interrupted can be asked for again.
        for key in [
            ObjectKey::open_job(tenant, job),
            ObjectKey::job_cancel(tenant, job),
            ObjectKey::job_plan(tenant, job),
            ObjectKey::job_spec(tenant, job),
            manifest,
        ] {
            store.delete(&key).await?;
        }
        Ok(())
    }
}
