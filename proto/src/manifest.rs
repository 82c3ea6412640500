//! A job on paper: what was asked, how it was divided, what came of it.
//!
//! ```text
//!  JobSpec ──(count pages)──▶ JobPlan ──(work)──▶ Manifest
//! ```
//!
//! Each is written once and never changes; readers see a job's results only through its manifest.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ids::{DocumentId, JobId, ProfileId},
    job::Priority,
    ledger::Ledger,
    object_key::{ObjectKey, Tenant},
    page_set::PageSet,
    profile::Profile,
};

/// Name and version of [`JobSpec`].
pub const SPEC_SCHEMA: &str = "quire.spec/1";
/// Name and version of [`JobPlan`].
pub const PLAN_SCHEMA: &str = "quire.plan/1";
/// Name and version of [`Manifest`].
pub const MANIFEST_SCHEMA: &str = "quire.manifest/1";

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSpec {
    /// Name and version of the schema.
    pub schema: String,
    /// Owner.
    pub tenant: Tenant,
    /// The job, a function of everything else here.
    pub job: JobId,
    /// How pages are processed.
    pub profile: Profile,
    /// The documents, each once, ordered as first submitted.
    pub documents: Vec<DocumentSpec>,
    /// The pages wanted of every document; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<PageSet>,
    /// Pages that failed in an earlier epoch are tried again, pages that were done are not.
    pub epoch: u32,
    /// Pages in a range.
    pub range_size: NonZeroU32,
    /// Which queue its ranges travel on.
    pub priority: Priority,
    /// What the submitter calls the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
}

/// One document of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentSpec {
    /// SHA-256 of its bytes.
    pub document: DocumentId,
    /// What the submitter calls it; several names when files are equal.
    pub names: Vec<String>,
    /// Its size.
    pub bytes: u64,
}

/// How a job is divided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPlan {
    /// Name and version of the schema.
    pub schema: String,
    /// The job.
    pub job: JobId,
    /// Pages in a range.
    pub range_size: NonZeroU32,
    /// The documents, in the order of the spec.
    pub documents: Vec<PlannedDocument>,
}

/// One document of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedDocument {
    /// The document.
    pub document: DocumentId,
    /// What opening it showed.
    pub opened: Opened,
}

/// What opening a document showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opened {
    /// It has pages.
    Pages {
        /// How many.
        count: u32,
        /// Those to do: the selection as far as the document has it.
        selected: PageSet,
    },
    /// It cannot be opened; it is a failed document.
    Failed(DocumentFailure),
}

impl Opened {
    /// The pages to do; none for a document that could not be opened.
    pub fn selected(&self) -> Option<&PageSet> {
        match self {
            Self::Pages { selected, .. } => Some(selected),
            Self::Failed(_) => None,
        }
    }
}

/// Why a document has no pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentFailure {
    /// A short name for counting: `password`, `not_a_document`, `empty`…
    pub class: String,
    /// What happened, for a person.
    pub message: String,
}

/// What came of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Name and version of the schema.
    pub schema: String,
    /// Owner.
    pub tenant: Tenant,
    /// The job.
    pub job: JobId,
    /// The profile of all its records.
    pub profile: ProfileId,
    /// All pages of all documents by state.
    pub ledger: Ledger,
    /// The documents, in the order of the plan.
    pub documents: Vec<ManifestDocument>,
}

impl Manifest {
    /// Whether a document could not be opened or a page could not be read.
    pub fn has_failures(&self) -> bool {
        self.ledger.failed > 0 || self.documents.iter().any(|document| document.failure.is_some())
    }
}

/// One document of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestDocument {
    /// The document.
    pub document: DocumentId,
    /// Its pages by state.
    pub ledger: Ledger,
    /// Why it could not be opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<DocumentFailure>,
    /// Where its records lie.
    pub cover: Vec<CoverPiece>,
    /// Pages that were given up on request.
    #[serde(default, skip_serializing_if = "PageSet::is_empty")]
    pub cancelled: PageSet,
}

/// The pages that are taken from one range object. Pieces of a document never overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverPiece {
    /// The object.
    pub key: ObjectKey,
    /// SHA-256 of the object as stored.
    #[serde(with = "hex::serde")]
    pub sha256: [u8; 32],
    /// The pages taken from it.
    pub pages: PageSet,
}
