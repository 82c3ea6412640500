//! What a run tells while it runs.

use quire_ports::PageMark;
use quire_proto::{
    DocumentId, Ledger,
    manifest::{DocumentFailure, ManifestDocument},
};

/// Something a person who waits would like to know.
///
/// For each document: `Planned` or `Refused` first, then `Pages` as they come, `Complete` last.
#[derive(Clone, Debug, PartialEq)]
pub enum JobEvent {
    /// A document was opened, and this much of it was there before.
    Planned {
        /// The document.
        document: DocumentId,
        /// Its selected pages by state; `pending` are those to do.
        ledger: Ledger,
    },
    /// A document cannot be opened.
    Refused {
        /// The document.
        document: DocumentId,
        /// Why.
        failure: DocumentFailure,
    },
    /// Pages were decided. A hint for a progress bar: pages may be missing or come late.
    Pages {
        /// The document.
        document: DocumentId,
        /// The pages.
        pages: Vec<PageMark>,
    },
    /// All selected pages of a document are in the store: it can be exported now.
    Complete(ManifestDocument),
}
