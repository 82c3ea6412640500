//! Born-digital pages read as pictures, against their own text layer.
//!
//! The text layer is what quire itself makes of it, so that both texts went the same way from lines to blocks and
//! only what was seen differs.

use std::{ffi::OsStr, path::Path};

use crate::{
    corpus::{Corpus, Document},
    output::Output,
    quire::{Mode, Quire},
    score::{rates, text},
};

use super::rows::Row;

/// As many pages of each document as are read: enough to see what goes wrong, and minutes instead of hours.
pub(super) const PAGES: &str = "1-6";

/// Reads the first pages of each born-digital document in both ways.
pub(super) fn convert(
    quire: &Quire,
    corpus: &Corpus,
    documents: &[&Document],
    out: &Path,
) -> anyhow::Result<()> {
    let documents: Vec<&Document> = documents.iter().copied().filter(|document| counts(document)).collect();
    for (mode, folder) in [(Mode::Skip, TEXT_LAYER), (Mode::Force, FORCED)] {
        let arguments = ["--pages", PAGES, "--mode", mode.name()].map(OsStr::new);
        quire.convert_with(corpus, &documents, &arguments, &out.join(folder))?;
    }
    Ok(())
}

/// Adds to a document's row what reading it cost. What could not be read has not a number as its rate.
pub(super) fn score(document: &Document, root: &Path, row: &mut Row) {
    if !counts(document) {
        return;
    }
    let Some((expected, actual)) = texts(root, &document.id) else { return };
    row.figures.forced_cer = rates::rates(&expected, &actual).map(|rates| rates.cer);
    row.figures.forced_nid = Some(rates::similarity(&text::normalise(&expected), &text::normalise(&actual)));
}

/// The text layer of a document, and what was read instead; nothing when the first was not made.
pub(super) fn texts(root: &Path, id: &str) -> Option<(String, String)> {
    let expected = Output::new(&root.join(TEXT_LAYER)).text(id)?;
    let actual = Output::new(&root.join(FORCED)).text(id).unwrap_or_default();
    Some((expected, actual))
}

const TEXT_LAYER: &str = "text-layer";
pub(super) const FORCED: &str = "forced";

/// Documents whose text layer can be believed.
fn counts(document: &Document) -> bool {
    document.has_tag("born-digital")
}
