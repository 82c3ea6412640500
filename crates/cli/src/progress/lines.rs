//! Events as lines for people.

use super::{Event, meter::counted};

/// The line for an event, if it has one; `without_bar` adds those that a bar makes needless.
pub(super) fn line(event: &Event<'_>, without_bar: bool) -> Option<String> {
    match event {
        Event::DocumentStarted { path, pages, .. } if without_bar => {
            Some(format!("{}: {}", path.display(), counted(*pages, "page")))
        }
        Event::DocumentDone { path, pages, failures, .. } if without_bar || !failures.is_empty() => {
            let mut line = format!("{}: {} done", path.display(), counted(pages.done + pages.blank, "page"));
            if pages.failed > 0 {
                line += &format!(", {} failed", pages.failed);
            }
            if pages.cancelled > 0 {
                line += &format!(", {} not done", pages.cancelled);
            }
            Some(line)
        }
        Event::DocumentFailed { path, message } => Some(format!("{}: {message}", path.display())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use quire_proto::Ledger;

    use super::*;

    #[test]
    fn a_bar_makes_good_news_needless() {
        let pages = Ledger { done: 3, ..Ledger::default() };
        let event = Event::DocumentDone { path: Path::new("a.pdf"), outputs: &[], pages, failures: &[] };

        assert_eq!(line(&event, false), None);
        assert_eq!(line(&event, true).as_deref(), Some("a.pdf: 3 pages done"));
    }
}
