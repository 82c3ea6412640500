//! Born-digital pages read as pictures, against their own text layer.
//!
//! The text layer is what quire itself makes of it, so that both texts went the same way from lines to blocks and
//! only what was seen differs.

use std::{ffi::OsStr, path::Path, sync::LazyLock};

use quire_proto::record::PageRecord;
use regex::Regex;

use crate::{
    corpus::{Corpus, Document},
    output::{self, Output},
    quire::{Mode, Quire},
    score::{rates, text},
};

use super::rows::Row;

/// The pages that are read of each document: beginning, middle, and of long ones some after the contents. Minutes instead of hours.
pub(super) const PAGES: &str = "1-3,8-10,30-32";

/// Reads some pages of each born-digital document in both ways.
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
pub(super) fn score(document: &Document, root: &Path, row: &mut Row) -> anyhow::Result<()> {
    if !counts(document) {
        return Ok(());
    }
    if let Some((expected, actual)) = texts(root, &document.id)? {
        let (expected, actual) = (text::normalise(&expected), text::normalise(&actual));
        row.figures.forced_cer = rates::rates(&expected, &actual).map(|rates| rates.cer);
        row.figures.forced_nid = Some(rates::similarity(&expected, &actual));
    }
    Ok(())
}

/// The text layer of a document, and what was read instead; nothing when the first was not made.
///
/// Words in figures are left out, as a picture has them for the one and not for the other, and so are the dots that
/// lead the eye from a title to its page.
pub(super) fn texts(root: &Path, id: &str) -> anyhow::Result<Option<(String, String)>> {
    let text = |folder: &str| {
        let records = Output::new(&root.join(folder)).records(id)?;
        anyhow::Ok(records.map(|records| without_leaders(&output::text_outside_figures(&records))))
    };
    let actual = text(FORCED)?.unwrap_or_default();
    Ok(text(TEXT_LAYER)?.map(|expected| (expected, actual)))
}

/// The text layer of a born-digital document, and what was read instead as records; nothing when one was not made.
pub(super) fn words(root: &Path, document: &Document) -> anyhow::Result<Option<(String, Vec<PageRecord>)>> {
    if !counts(document) {
        return Ok(None);
    }
    let truth = texts(root, &document.id)?.map(|(truth, _)| truth);
    Ok(truth.zip(Output::new(&root.join(FORCED)).records(&document.id)?))
}

/// Without the dots that lead the eye from a title to its page.
pub(super) fn without_leaders(text: &str) -> String {
    LEADERS.replace_all(text, " ").into_owned()
}

static LEADERS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:[.…·・。．] ?){2,}").expect("the pattern compiles"));

const TEXT_LAYER: &str = "text-layer";
const FORCED: &str = "forced";

/// Documents whose text layer can be believed.
fn counts(document: &Document) -> bool {
    document.has_tag("born-digital")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_dots_are_no_text_and_the_ends_of_sentences_are() {
        assert_eq!(without_leaders("Title . . . . . . 12"), "Title  12");
        assert_eq!(without_leaders("Title........12. Next."), "Title 12. Next.");
    }
}
