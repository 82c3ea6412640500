//! Garbage: documents and results that no job refers to any more.
//!
//! ```text
//!  specs of all jobs ─▶ References ─┐
//!                                   ▼
//!  documents, results, figures ─▶ old, and referred to by nobody? ─▶ batches ─▶ deleted
//! ```
//!
//! # Why nothing goes that somebody relies on
//!
//! What is younger than the age that is asked for stays, so new documents have that long to become part of a job. What
//! is old may be wanted again at any moment: a document is sent that is there already, or a job is submitted whose
//! results are. Whoever relies on something old and whoever deletes it go opposite ways:
//!
//! ```text
//!  relies (Holder)                             deletes, for each batch (Sweep)
//!  1  writes a pin; a job's after its spec     1  raises a flag below sweeps/
//!  2  waits for the flags that are up          2  reads the pins, and the specs of pinned jobs
//!  3  looks whether it is there                3  looks at each object again, deletes, lowers the flag
//! ```
//!
//! A store shows a write to everybody who looks after it. So either the pin was there when the batch read the pins, and
//! the batch leaves alone what it is about; or the flag was up before the pin was written, and then step 3 on the left
//! comes after the batch and sees what it has left. A document that is gone then is sent again; pages without a result
//! are read again. A job is opened only after its step 2: no coordinator looks at results before.
//!
//! A flag counts for half a minute, and a batch deletes nothing when a third of that is over: one whose process died or
//! was held up is in nobody's way for longer. Pins have names of their own each, so removing an old one takes nothing
//! from whoever writes a new one, and they live for a day at least, longer than a collection may take.
//!
//! Two collections at once delete the same things, which is deleting them once. A spec that cannot be read ends the
//! collection before it deletes anything: what it refers to is not known.

mod hold;
mod references;
mod sweep;

use std::time::Duration;

use quire_ports::ObjectStore;
use quire_proto::{ObjectKey, Tenant};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

pub(crate) use self::hold::Holder;
use self::sweep::Sweep;
use crate::{Coordinator, CoordinatorError};

/// Age below which nothing is pinned. Nothing younger must be taken for garbage while documents are submitted.
pub const YOUNG: Duration = Duration::from_secs(3600);

/// What is taken for garbage, and what becomes of it.
#[derive(Clone, Copy, Debug)]
pub struct Collection {
    /// Nothing younger than this is. Less than [`YOUNG`] only while nobody submits documents.
    pub older_than: Duration,
    /// Only say what would be deleted.
    pub dry_run: bool,
}

/// What became of one kind of things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Swept {
    /// Objects that were deleted, or would be.
    pub removed: u64,
    /// Their size.
    pub bytes: u64,
    /// Objects that no job refers to and that are too young.
    pub young: u64,
    /// Objects that jobs refer to.
    pub used: u64,
    /// Objects that another collection may delete: there was no time.
    pub left: u64,
}

/// What a collection came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Collected {
    /// Whether nothing was deleted in fact.
    pub dry_run: bool,
    /// Jobs whose references count.
    pub jobs: u64,
    /// Documents as they were sent.
    pub documents: Swept,
    /// Results of page ranges.
    pub results: Swept,
    /// Figures and pictures of pages.
    pub figures: Swept,
    /// Uploads that were begun and never ended.
    pub uploads: u64,
}

impl Coordinator {
    /// Deletes what no job of a tenant refers to. Memory is some fifty bytes for each document of a job.
    ///
    /// # Errors
    /// When a job's record cannot be read, and when the store does not do what is asked. What is deleted by then was
    /// garbage.
    pub async fn collect(&self, tenant: &Tenant, terms: Collection) -> Result<Collected, CoordinatorError> {
        Sweep::new(self.ports.store.as_ref(), tenant, terms).await?.run().await
    }

    /// Collects the garbage of every tenant, one after the other.
    pub(crate) async fn collect_all(&self, terms: Collection) -> Result<(), CoordinatorError> {
        for tenant in tenants(self.ports.store.as_ref()).await? {
            let name = tenant.as_str();
            match self.collect(&tenant, terms).await {
                Ok(collected) => info!(tenant = name, ?collected, "garbage was collected"),
                Err(error) if error.is_transient() => return Err(error),
                // The garbage of others is no less garbage.
                Err(error) => warn!(tenant = name, %error, "garbage cannot be collected"),
            }
        }
        Ok(())
    }
}

/// Everybody who has something in the store.
async fn tenants(store: &dyn ObjectStore) -> Result<Vec<Tenant>, CoordinatorError> {
    let (mut tenants, mut after): (Vec<Tenant>, Option<ObjectKey>) = Default::default();
    while let Some(first) = store.list("", after.as_ref(), 1).await?.objects.pop() {
        tenants.extend(first.key.tenant());
        after = Some(first.key.after_top_folder());
    }
    Ok(tenants)
}
