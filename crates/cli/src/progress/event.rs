//! The events of a run, as `--json` writes them.

use std::path::Path;

use quire_proto::{DocumentId, Ledger, PageNumber, record::PageRecord};
use serde::Serialize;

use super::Summary;

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event<'a> {
    /// The documents are known.
    RunStarted {
        /// How many there are.
        documents: usize,
        /// Where the results go.
        out: &'a Path,
    },
    /// A document was opened.
    DocumentStarted {
        /// The file.
        path: &'a Path,
        /// SHA-256 of its bytes.
        document: DocumentId,
        /// Pages to do.
        pages: u64,
    },
    /// Pages of a document were decided.
    Pages {
        /// The file.
        path: &'a Path,
        /// The document's pages so far.
        #[serde(flatten)]
        pages: Ledger,
    },
    /// A document's results are written.
    DocumentDone {
        /// The file.
        path: &'a Path,
        /// The results.
        outputs: &'a [std::path::PathBuf],
        /// The document's pages.
        #[serde(flatten)]
        pages: Ledger,
        /// Pages that failed.
        failures: &'a [PageProblem],
    },
    /// A document has no results.
    DocumentFailed {
        /// The file.
        path: &'a Path,
        /// Why, for a person.
        message: &'a str,
    },
    /// The end.
    Summary(&'a Summary),
}

/// A page that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PageProblem {
    /// The page.
    pub page: PageNumber,
    /// The class of failure.
    pub class: &'static str,
    /// What happened, for a person.
    pub message: String,
}

impl PageProblem {
    /// What is wrong with a page, if anything is.
    pub(crate) fn of(page: &PageRecord) -> Option<Self> {
        let failure = page.failure.as_ref()?;
        Some(Self { page: page.page, class: failure.class.name(), message: failure.message.clone() })
    }
}
