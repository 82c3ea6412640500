//! Headings: which drafts are, and how high they stand.

use quire_proto::{RegionKind, record::PageMode};

use super::{BlockParams, Row};

/// Words that stand before the number of a chapter, lower case.
const CHAPTER_WORDS: [&str; 12] = [
    "chapter",
    "chapitre",
    "kapitel",
    "capítulo",
    "capitolo",
    "hoofdstuk",
    "appendix",
    "annexe",
    "anhang",
    "apêndice",
    "apéndice",
    "appendice",
];

/// What the page's text looks like on average.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Body {
    /// Size of most characters, in pixels.
    pub(crate) size: f32,
    /// Whether most characters are bold: then boldness says nothing.
    pub(crate) bold: bool,
    /// Whether sizes come from fonts.
    pub(crate) fonts: bool,
}

impl Body {
    /// The median over characters of `rows`; listings count only where there is hardly anything else.
    pub(crate) fn of(rows: &[Row], mode: PageMode) -> Self {
        let chars = |mono: bool| -> usize {
            rows.iter().filter(|row| row.font().monospace == mono).map(Row::chars).sum()
        };
        let prose = chars(false) * 5 > chars(true);
        let rows: Vec<&Row> = rows.iter().filter(|row| !(prose && row.font().monospace)).collect();
        let mut sizes: Vec<(f32, usize)> = rows.iter().map(|row| (row.size, row.chars())).collect();
        sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
        let total: usize = sizes.iter().map(|(_, chars)| chars).sum();
        let mut seen = 0;
        let median = sizes.iter().find(|(_, chars)| {
            seen += chars;
            seen * 2 >= total
        });
        let bold: usize = rows.iter().filter(|row| row.font().bold).map(|row| row.chars()).sum();
        Self {
            size: median.map_or(1.0, |(size, _)| *size).max(1.0),
            bold: bold * 2 > total,
            fonts: mode != PageMode::Ocr,
        }
    }

    fn step(&self, params: &BlockParams) -> f32 {
        if self.fonts { params.heading_text } else { params.heading_scan }
    }
}

/// Whether `rows` are a heading; `alone` when white space or the page's edge sets them apart.
pub(crate) fn is_heading(rows: &[Row], body: &Body, alone: bool, params: &BlockParams) -> bool {
    let Some(first) = rows.first() else { return false };
    let chars: usize = rows.iter().map(Row::chars).sum();
    if rows.len() > params.heading_rows || chars > params.heading_chars || !has_words(rows) {
        return false;
    }
    let size = first.size / body.size;
    let larger = rows.iter().all(|row| row.size >= body.size * body.step(params));
    let bold = !body.bold && rows.iter().all(|row| row.font().bold && !row.font().monospace);
    let titled = rows.iter().all(|row| row.hint == Some(RegionKind::Title));
    let ended = ends_sentence(rows);
    if body.fonts {
        let counted = numbering(first.text()).is_some();
        // A bold face without serifs may be set a little smaller than the text.
        let least = if bold && counted { 0.85 } else { 0.95 };
        return (larger && (!ended || size > 1.3))
            || (size > least && alone && !ended && (bold || counted && titled) && rows.len() <= 2)
            || (titled && alone && !ended && rows.len() == 1 && shouts(first.text()));
    }
    (larger && !ended && (alone || titled)) || (titled && rows.len() <= 2 && !ended && (alone || size > 1.1))
}

/// Whether `rows` are a numbered title, larger than the text: `4.1 control`, although it is set in typewriter.
pub(crate) fn is_numbered_title(rows: &[Row], body: &Body, params: &BlockParams) -> bool {
    let counted = |row: &Row| depth(row.text()).is_some_and(|parts| parts >= 2);
    let larger = rows.iter().all(|row| row.size >= body.size * body.step(params));
    body.fonts && larger && rows.len() <= 2 && has_words(rows) && rows.first().is_some_and(counted)
}

/// The level that size and numbering speak for, 1 highest.
pub(crate) fn level(rows: &[Row], body: &Body) -> u8 {
    let Some(first) = rows.first() else { return 3 };
    if let Some(depth) = depth(first.text()) {
        return depth.clamp(1, 6);
    }
    match first.size / body.size {
        ratio if ratio >= 1.8 => 1,
        ratio if ratio >= 1.35 => 2,
        ratio if ratio >= 1.12 => 3,
        _ => 4,
    }
}

/// The depth of a number like `2.3.1` at the beginning, when a title follows it.
pub(crate) fn numbering(text: &str) -> Option<u8> {
    let (_, title) = text.split_once(char::is_whitespace)?;
    let titled = title.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase());
    depth(text).filter(|_| titled)
}

/// What follows `Chapter 3`, `APPENDIX B.`; `None` where no chapter is counted.
pub(crate) fn after_chapter(text: &str) -> Option<&str> {
    let (word, rest) = text.trim().split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let number = rest[..end].trim_end_matches(['.', ':']);
    let counts = !number.is_empty()
        && (number.bytes().all(|b| b.is_ascii_digit())
            || number.bytes().all(|b| b"IVXL".contains(&b))
            || number.len() == 1 && number.bytes().all(|b| b.is_ascii_uppercase()));
    (counts && CHAPTER_WORDS.contains(&word.to_lowercase().as_str())).then(|| rest[end..].trim_start())
}

/// The same in what is known to be a heading: its title may be the name of a file, in lower case.
pub(crate) fn depth(text: &str) -> Option<u8> {
    if after_chapter(text).is_some() {
        return Some(1);
    }
    let (number, _) = text.split_once(char::is_whitespace)?;
    let number = number.strip_suffix('.').unwrap_or(number);
    let mut parts = 0u8;
    for part in number.split('.') {
        let appendix = parts == 0 && part.len() == 1 && part.chars().all(|c| c.is_ascii_uppercase());
        let counts = !part.is_empty() && part.len() <= 3 && part.bytes().all(|b| b.is_ascii_digit());
        if !(counts || appendix) {
            return None;
        }
        parts = parts.saturating_add(1);
    }
    let lone_letter = parts == 1 && number.chars().all(char::is_alphabetic);
    (!lone_letter && parts <= 6).then_some(parts)
}

fn has_words(rows: &[Row]) -> bool {
    rows.iter().flat_map(|row| row.text().chars()).filter(|c| c.is_alphabetic()).count() >= 2
}

/// A heading may end in `?` or `!`, and in the dot of an abbreviation; running text ends in a dot or goes on.
fn ends_sentence(rows: &[Row]) -> bool {
    let last = rows.last().map_or("", |row| row.text()).trim_end();
    last.ends_with(['.', ',', ';', '。', '，', '；', '：', '-']) && !last.ends_with("...")
}

fn shouts(text: &str) -> bool {
    let mut letters = text.chars().filter(|c| c.is_alphabetic()).peekable();
    letters.peek().is_some() && letters.all(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbering_is_the_depth_of_the_number() {
        assert_eq!(numbering("1 Introduction"), Some(1));
        assert_eq!(numbering("2.3. Models"), Some(2));
        assert_eq!(numbering("A.1 Proofs"), Some(2));
        assert_eq!(numbering("3.5 percent of all"), None);
        assert_eq!(depth("3.5 control"), Some(2));
        assert_eq!(numbering("A house"), None);
        assert_eq!(numbering("1914.1 x"), None);
    }

    #[test]
    fn chapters_are_counted_in_words_too() {
        assert_eq!(after_chapter("CHAPITRE 2"), Some(""));
        assert_eq!(after_chapter("Appendix B: Proofs"), Some("Proofs"));
        assert_eq!(after_chapter("Chapter Three"), None);
        assert_eq!(after_chapter("Chapter"), None);
        assert_eq!(depth("Capítulo 10"), Some(1));
    }
}
