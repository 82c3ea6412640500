//! List markers: what makes a row the beginning of a list item.

use quire_proto::record::ListItem;

/// Characters that are bullets when white space follows.
const BULLETS: &str = "•‣⁃∙·●○◦▪▫■□◾◆◇►▶➢➤✓✔❖–—-*−→»";

/// Longest run of digits that still counts items; longer ones are years and amounts.
const MAX_DIGITS: usize = 3;

/// The marker at the beginning of `text`, with something after it.
pub(crate) fn marker(text: &str) -> Option<ListItem> {
    if let Some(item) = touching(text) {
        return Some(item);
    }
    let (first, rest) = text.split_once(char::is_whitespace)?;
    if rest.trim().is_empty() {
        return None;
    }
    bullet(first).or_else(|| counter(first))
}

/// Whether `text` is nothing but a marker: its item stands in the next box.
pub(crate) fn is_lone_marker(text: &str) -> bool {
    let text = text.trim();
    bullet(text).is_some() || counter(text).is_some()
}

/// A bullet without white space behind it, as recognition returns it: a dot before anything, a dash before
/// scripts that set no spaces.
fn touching(text: &str) -> Option<ListItem> {
    let mut chars = text.chars();
    let (first, next) = (chars.next()?, chars.next()?);
    let ideograph = ('\u{3400}'..='\u{9fff}').contains(&next);
    let item = ("•▪■●".contains(first) && next.is_alphanumeric()) || ("-–—·".contains(first) && ideograph);
    item.then(|| ListItem { marker: first.to_string(), ordered: false, depth: 0 })
}

fn bullet(word: &str) -> Option<ListItem> {
    let mut chars = word.chars();
    let is_bullet =
        chars.next().is_some_and(|c| BULLETS.contains(c) || ('\u{f0a0}'..='\u{f0ff}').contains(&c))
            && chars.next().is_none();
    is_bullet.then(|| ListItem { marker: word.to_owned(), ordered: false, depth: 0 })
}

/// `1.` `12)` `(3)` `a)` `(b)` `iv.` `[7]`
fn counter(word: &str) -> Option<ListItem> {
    let (open, inner) = match word.strip_prefix(['(', '[']) {
        Some(inner) => (true, inner),
        None => (false, word),
    };
    let close = inner.chars().next_back()?;
    let inner = inner.strip_suffix([')', '.', ']'])?;
    // `a.` and `i.` are initials more often than items; `A.` always is.
    let letter_may_count = close != '.' || open;
    let counts = is_number(inner)
        || is_small_roman(inner)
        || (letter_may_count && inner.len() == 1 && inner.chars().all(|c| c.is_ascii_lowercase()));
    counts.then(|| ListItem { marker: word.to_owned(), ordered: true, depth: 0 })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_DIGITS && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_small_roman(text: &str) -> bool {
    text.len() <= 5 && text.len() > 1 && text.bytes().all(|b| b"ivx".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_found_and_other_beginnings_are_not() {
        for text in [
            "• one",
            "- one",
            "1. one",
            "(a) one",
            "b) one",
            "iv. one",
            "[12] one",
            "▪ one",
            "•one",
            "-如果你",
        ] {
            assert!(marker(text).is_some(), "{text}");
        }
        for text in
            ["1914. In that year", "A. Smith", "-one", "1", "one. two", "(see) there", "3.5 percent", "•"]
        {
            assert!(marker(text).is_none(), "{text}");
        }
    }

    #[test]
    fn counted_items_are_ordered() {
        assert!(marker("3) x").unwrap().ordered);
        assert!(!marker("– x").unwrap().ordered);
    }
}
