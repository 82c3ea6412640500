//! Page furniture: running headers, footers and page numbers, as far as one page shows them.
//!
//! What repeats over pages is found by the outline, which sees the whole document.

use quire_proto::{Rect, RegionKind, record::BlockKind};

use super::{BlockParams, Row, caption};

/// The furniture kind of a row at the edge of a page of `height` pixels; `None` for text.
pub(crate) fn kind(row: &Row, outermost: bool, height: f32, params: &BlockParams) -> Option<BlockKind> {
    let edge = Edge::of(&row.rect, height, params)?;
    let hinted = match row.hint {
        Some(RegionKind::Header) => edge == Edge::Top,
        Some(RegionKind::Footer) => edge == Edge::Bottom,
        Some(RegionKind::PageNumber) => true,
        _ => false,
    };
    if (hinted || outermost) && is_page_number(row.text()) {
        return Some(BlockKind::PageNumber);
    }
    // A table at the top of a page begins with its caption.
    let furniture = hinted && !caption::is_explicit(row.text());
    furniture.then_some(match edge {
        Edge::Top => BlockKind::PageHeader,
        Edge::Bottom => BlockKind::PageFooter,
    })
}

/// The furniture kind of a row that stands beside furniture.
pub(crate) fn beside(row: &Row, height: f32, params: &BlockParams) -> BlockKind {
    match Edge::of(&row.rect, height, params) {
        _ if is_page_number(row.text()) => BlockKind::PageNumber,
        Some(Edge::Top) => BlockKind::PageHeader,
        _ => BlockKind::PageFooter,
    }
}

/// The edge of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Edge {
    /// Where headers are.
    Top,
    /// Where footers are.
    Bottom,
}

impl Edge {
    /// The edge that `rect` lies at, on a page of `height` pixels.
    pub(crate) fn of(rect: &Rect, height: f32, params: &BlockParams) -> Option<Self> {
        if rect.y1 <= height * params.header_share {
            Some(Self::Top)
        } else if rect.y0 >= height * (1.0 - params.footer_share) {
            Some(Self::Bottom)
        } else {
            None
        }
    }
}

/// `7`, `- 7 -`, `xii`, `Page 7 of 12`, `7/12`.
pub(crate) fn is_page_number(text: &str) -> bool {
    let text = text.trim().to_lowercase();
    let core = text.trim_matches(|c: char| !c.is_alphanumeric());
    let mut words = core.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).peekable();
    if words.peek().is_none() || core.len() > 20 {
        return false;
    }
    let mut numbers = 0;
    for word in words {
        if is_number(word) {
            numbers += 1;
        } else if !matches!(
            word,
            "page" | "seite" | "página" | "pagina" | "p" | "s" | "of" | "von" | "de" | "sur"
        ) {
            return false;
        }
    }
    (1..=2).contains(&numbers)
}

fn is_number(word: &str) -> bool {
    let arabic = word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit());
    let roman = word.len() <= 7 && word.bytes().all(|b| b"ivx".contains(&b));
    arabic || roman
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_numbers_are_known_in_their_usual_forms() {
        for text in ["7", "- 12 -", "xiv", "Page 7 of 12", "7/12", "Seite 3", "[5]"] {
            assert!(is_page_number(text), "{text}");
        }
        for text in ["", "civil", "Total 7", "2024-05-06", "1.5 %x", "12345"] {
            assert!(!is_page_number(text), "{text}");
        }
    }
}
