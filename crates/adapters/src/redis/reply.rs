//! What is written to Redis and read back: pages as `17d`, counts as `<document>:d`, events as stream entries.
//!
//! What others wrote there is passed over, never an error: progress is a hint.

use std::collections::{BTreeMap, HashMap};

use quire_ports::{PageMark, ProgressEvent};
use quire_proto::{DocumentId, Ledger, PageNumber, record::PageStatus};

/// A stream entry: its id, and pages by document.
pub(super) type Entry = (String, Vec<(String, String)>);

/// A page and its state, as the script takes it.
pub(super) fn written(mark: PageMark) -> String {
    let state = match mark.status {
        PageStatus::Done => 'd',
        PageStatus::Blank => 'b',
        PageStatus::Failed => 'f',
    };
    format!("{}{state}", mark.page)
}

fn mark(text: &str) -> Option<PageMark> {
    let (page, state) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let status = match state {
        "d" => PageStatus::Done,
        "b" => PageStatus::Blank,
        "f" => PageStatus::Failed,
        _ => return None,
    };
    Some(PageMark { page: PageNumber::new(page.parse().ok()?)?, status })
}

/// The number of an event in its id, `number-0`.
pub(super) fn number(id: &str) -> Option<u64> {
    id.split_once('-')?.0.parse().ok()
}

/// The events of an entry; one, unless others write there.
pub(super) fn events(entry: &Entry) -> impl Iterator<Item = ProgressEvent> {
    entry.1.iter().filter_map(|(document, pages)| {
        let pages: Vec<PageMark> = pages.split(',').filter_map(mark).collect();
        Some(ProgressEvent { document: document.parse().ok()?, pages })
    })
}

/// Counts by document.
pub(super) fn ledgers(counts: &HashMap<String, u64>) -> BTreeMap<DocumentId, Ledger> {
    let mut ledgers: BTreeMap<DocumentId, Ledger> = BTreeMap::new();
    for (field, count) in counts {
        let Some((document, state)) = field.split_once(':') else { continue };
        let Ok(document) = document.parse() else { continue };
        let ledger = ledgers.entry(document).or_default();
        match state {
            "d" => ledger.done = *count,
            "b" => ledger.blank = *count,
            "f" => ledger.failed = *count,
            _ => {}
        }
    }
    ledgers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_survives_its_text() {
        for status in [PageStatus::Done, PageStatus::Blank, PageStatus::Failed] {
            let page = PageMark { page: PageNumber::new(17).unwrap(), status };

            assert_eq!(mark(&written(page)), Some(page));
        }
    }

    #[test]
    fn what_others_wrote_is_passed_over() {
        for text in ["", "d", "0d", "17", "17x", "xd", "17ü"] {
            assert_eq!(mark(text), None, "{text:?}");
        }
        let counts = HashMap::from([("d".to_owned(), 1), ("x:d".to_owned(), 2)]);
        assert!(ledgers(&counts).is_empty());
    }
}
