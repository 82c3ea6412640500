//! What the API takes and gives, beside the answers of the coordinator itself.

use quire_proto::{
    DocumentId, JobId, Ledger, PageNumber, PageSet, Priority, manifest::DocumentFailure,
    profile::ProcessingOptions, record::PageStatus,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A document that was stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredDocument {
    /// SHA-256 of its bytes, which is its name from now on.
    pub document: DocumentId,
    /// Its size.
    pub bytes: u64,
    /// Whether it is new.
    pub created: bool,
}

/// A document of a new job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedDocument {
    /// The document, which was stored before.
    pub document: DocumentId,
    /// What you call it, such as a path relative to a folder.
    pub name: String,
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewJob {
    /// The documents.
    pub documents: Vec<NamedDocument>,
    /// How pages are processed; what the coordinator is configured for when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<ProcessingOptions>,
    /// The pages wanted of every document, such as `1-3,7`; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<PageSet>,
    /// `high` overtakes what runs already.
    #[serde(default)]
    pub priority: Priority,
    /// What you call the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// The same key stands for the same request for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// The documents of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobDocuments {
    /// In the order in which they were submitted; empty before their pages are counted.
    pub documents: Vec<JobDocument>,
}

/// A document of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobDocument {
    /// The document.
    pub document: DocumentId,
    /// What its submitter calls it.
    pub names: Vec<String>,
    /// Its pages by state.
    pub pages: Ledger,
    /// Whether every page is decided.
    pub complete: bool,
    /// Why it could not be opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<DocumentFailure>,
}

/// What happened to a job after a cursor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobEvents {
    /// Where to go on.
    pub cursor: u64,
    /// Whether something was missed: ask for the status, and go on from the cursor.
    pub lapsed: bool,
    /// Pages that were decided, in order.
    pub events: Vec<DecidedPages>,
}

/// Pages of one document that were decided together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecidedPages {
    /// The document.
    pub document: DocumentId,
    /// The pages.
    pub pages: Vec<DecidedPage>,
}

/// What became of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecidedPage {
    /// The page.
    pub page: PageNumber,
    /// Its state.
    pub status: PageStatus,
}

/// How the coordinator stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Readiness {
    /// Whether jobs can be taken in and worked on.
    pub ready: bool,
    /// What is wrong with the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<String>,
    /// What is wrong with the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// What is wrong with progress, which is no obstacle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<String>,
}

/// The job in a path.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct JobPath {
    pub(crate) job: JobId,
}
