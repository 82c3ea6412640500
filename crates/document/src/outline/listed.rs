//! The outline that the file brings along, as evidence of headings.
//!
//! Its titles are compared with the blocks of the page that each entry leads to. A block that is set like text and
//! reads like an entry is a heading; how deep the entries stand says how high their styles do. What an outline does
//! not list stays what it was: many list chapters alone.

use quire_proto::record::{Block, BlockKind, PageRecord};

use crate::blocks::heading;

/// Lines of a heading at most.
const LINES: usize = 4;

/// A title with fewer letters and figures is matched by chance.
const SHORTEST: usize = 2;

/// Blocks of `page` that its outline lists, by index, with the level of their entry.
pub(super) fn headings(page: &PageRecord) -> Vec<(usize, u8)> {
    if page.outline.is_empty() {
        return Vec::new();
    }
    let titles: Vec<Title> =
        (0..page.blocks.len()).filter_map(|at| Title::of(at, &page.blocks[at])).collect();
    let mut listed: Vec<(usize, u8)> = Vec::new();
    for entry in &page.outline {
        let (whole, bare) = (letters(&entry.title), letters(without_number(&entry.title)));
        if bare.chars().count() < SHORTEST {
            continue;
        }
        let same = |title: &&Title| {
            (title.whole == whole || title.bare == bare) && listed.iter().all(|(at, _)| *at != title.at)
        };
        // What is known for a heading comes before what only reads like one.
        let found =
            titles.iter().filter(|title| title.heading).find(same).or_else(|| titles.iter().find(same));
        if let Some(found) = found {
            listed.push((found.at, entry.level.clamp(1, 6)));
        }
    }
    listed
}

/// A block that may be a heading.
struct Title {
    at: usize,
    heading: bool,
    whole: String,
    bare: String,
}

impl Title {
    fn of(at: usize, block: &Block) -> Option<Self> {
        let kind = matches!(block.kind, BlockKind::Heading | BlockKind::Paragraph | BlockKind::ListItem);
        if !kind || block.lines.is_empty() || block.lines.len() > LINES {
            return None;
        }
        let text = block.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join(" ");
        let heading = block.kind == BlockKind::Heading;
        Some(Self { at, heading, whole: letters(&text), bare: letters(without_number(&text)) })
    }
}

/// Letters and figures alone: outlines and pages differ in spaces, hyphens and dashes.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// `2.3 Methods`, `Chapter 4. Methods` and `Methods` are one title.
fn without_number(text: &str) -> &str {
    let text = text.trim();
    let numbered = heading::depth(text).is_some();
    let rest = match heading::after_chapter(text) {
        None if numbered => text.split_once(char::is_whitespace).map_or("", |(_, rest)| rest),
        rest => rest.unwrap_or_default(),
    };
    if rest.chars().any(char::is_alphanumeric) { rest } else { text }
}
