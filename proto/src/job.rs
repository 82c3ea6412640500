//! What moves on the queue: one range of pages to do.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{DocumentId, JobId, ProfileId},
    object_key::{ObjectKey, Tenant},
    profile::ProcessingOptions,
    range::PageRange,
};

/// Version of [`RangeJob`] that this code writes and understands.
pub const RANGE_JOB_SCHEMA: u16 = 1;

/// Which of the two queues a job travels on.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Served when nothing high waits.
    #[default]
    Low,
    /// Served first.
    High,
}

/// A pointer to work: pages of one document under one profile. A few hundred bytes, no content, no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RangeJob {
    /// Version of this message; a worker parks what it does not understand.
    pub schema: u16,
    /// Owner of document and job.
    pub tenant: Tenant,
    /// The job it belongs to.
    pub job: JobId,
    /// The document.
    pub document: DocumentId,
    /// Identity of options, models and renderer; decides where the result goes.
    pub profile: ProfileId,
    /// What to do with each page.
    pub options: ProcessingOptions,
    /// The pages.
    pub range: PageRange,
    /// Which round of trying; part of the result's key.
    pub epoch: u32,
    /// Which attempt this delivery is, from one; counted by us, never by the broker.
    pub attempt: u32,
    /// Which queue it travels on.
    #[serde(default)]
    pub priority: Priority,
    /// Trace context (`traceparent`, `tracestate`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub trace: BTreeMap<String, String>,
}

impl RangeJob {
    /// Where the document lies.
    pub fn source_key(&self) -> ObjectKey {
        ObjectKey::source(&self.tenant, self.document)
    }

    /// Where the result of all its pages goes.
    pub fn result_key(&self) -> ObjectKey {
        self.partial_result_key(self.range)
    }

    /// Where the result of a part of its pages goes.
    pub fn partial_result_key(&self, part: PageRange) -> ObjectKey {
        ObjectKey::range_result(&self.tenant, self.document, self.profile, self.epoch, part)
    }

    /// Where a figure of the document goes.
    pub fn asset_key(&self, name: &str) -> ObjectKey {
        ObjectKey::asset(&self.tenant, self.document, self.profile, name)
    }

    /// The marker that says its job was cancelled.
    pub fn cancel_key(&self) -> ObjectKey {
        ObjectKey::job_cancel(&self.tenant, self.job)
    }

    /// The same work for other pages, as a first attempt.
    #[must_use]
    pub fn for_range(&self, range: PageRange) -> Self {
        Self { range, attempt: 1, ..self.clone() }
    }
}
