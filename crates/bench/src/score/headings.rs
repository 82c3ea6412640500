//! Headings found, against the outline of the document.

use regex::Regex;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

use super::{rates::similarity, text};

/// How alike two titles must be to count as the same.
const SAME_TITLE: f64 = 0.9;

/// A heading, of the outline or of the output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// Level, 1 highest.
    pub level: u8,
    /// Its text.
    pub title: String,
    /// The page it is on, from one.
    pub page: u32,
}

/// How well the headings were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct HeadingScore {
    /// Share of the found headings that are in the outline.
    pub precision: f64,
    /// Share of the outline that was found.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Share of the matched headings that have the level of the outline.
    pub levels: f64,
}

/// Matches each heading of the outline with one found on the same page under nearly the same title.
///
/// Numbers before a title do not count: outlines leave them out as often as not.
pub fn score(outline: &[Heading], found: &[Heading]) -> HeadingScore {
    let mut free: Vec<(&Heading, String)> =
        found.iter().map(|heading| (heading, bare(&heading.title))).collect();
    let mut levels = Vec::new();
    for expected in outline {
        let title = bare(&expected.title);
        let same = |(heading, other): &(&Heading, String)| {
            heading.page == expected.page && similarity(&title, other) >= SAME_TITLE
        };
        if let Some(at) = free.iter().position(same) {
            levels.push(free.remove(at).0.level == expected.level);
        }
    }
    let share = |of: usize| levels.len() as f64 / of.max(1) as f64;
    let (precision, recall) = (share(found.len()), share(outline.len()));
    let f1 = if levels.is_empty() { 0.0 } else { 2.0 * precision * recall / (precision + recall) };
    let right = levels.iter().filter(|right| **right).count();
    HeadingScore { precision, recall, f1, levels: right as f64 / levels.len().max(1) as f64 }
}

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^(?i:chapter|chapitre|appendix|annexe|第)?\s*(?:\d+(?:\.\d+)*|[A-Z](?:\.\d+)+|[A-Z]\b)\s*(?:章|[.:])?\s+";
    Regex::new(pattern).expect("the pattern compiles")
});

fn bare(title: &str) -> String {
    let title = text::normalise(title);
    let stripped = NUMBER.replace(&title, "");
    stripped.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(level: u8, title: &str, page: u32) -> Heading {
        Heading { level, title: title.into(), page }
    }

    #[test]
    fn numbers_and_case_do_not_matter_and_the_page_does() {
        let outline = [heading(1, "Introduction", 1), heading(2, "Hurdle models", 6)];
        let found = [heading(1, "1. INTRODUCTION", 1), heading(2, "2.2. Hurdle models", 7)];

        let score = score(&outline, &found);

        assert_eq!(score, HeadingScore { precision: 0.5, recall: 0.5, f1: 0.5, levels: 1.0 });
    }

    #[test]
    fn nothing_found_scores_zero() {
        assert_eq!(score(&[heading(1, "A title", 1)], &[]), HeadingScore::default());
    }
}
