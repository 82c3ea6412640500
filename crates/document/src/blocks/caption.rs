//! Captions: which rows name a figure or a table, and which one.

use quire_proto::record::{Block, BlockKind};

/// Words that begin the caption of a table, lower case.
const TABLE_WORDS: [&str; 9] =
    ["table", "tab", "tabelle", "tableau", "tabela", "tabla", "tabella", "tabel", "表"];
/// Words that begin the caption of a figure, lower case.
const FIGURE_WORDS: [&str; 13] = [
    "figure",
    "fig",
    "abbildung",
    "abb",
    "figura",
    "ilustração",
    "ilustración",
    "afbeelding",
    "chart",
    "plate",
    "图",
    "圖",
    "図",
];

/// What a caption names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// A table.
    Table,
    /// A figure.
    Figure,
}

/// What `text` names when it begins like a caption: `Figure 3:`, `Tab. 2`, `图 1`.
pub(crate) fn names(text: &str) -> Option<Names> {
    let text = text.trim_start();
    let word_end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(word_end);
    let word = word.to_lowercase();
    let number: String = rest.trim_start_matches(['.', ' ', '\u{a0}']).chars().take(8).collect();
    let count =
        number.split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-')).next().unwrap_or("");
    if !count.starts_with(|c: char| c.is_ascii_digit() || "IVX".contains(c)) {
        return None;
    }
    if TABLE_WORDS.contains(&word.as_str()) {
        return Some(Names::Table);
    }
    FIGURE_WORDS.contains(&word.as_str()).then_some(Names::Figure)
}

/// Whether `text` can only be a caption: a colon, dot or dash follows the number.
pub(crate) fn is_explicit(text: &str) -> bool {
    names(text).is_some()
        && text
            .trim_start()
            .trim_start_matches(char::is_alphabetic)
            .trim_start_matches(['.', ' ', '\u{a0}'])
            .trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-')
            .trim_start_matches(|c: char| c == '.' || c.is_ascii_digit())
            .trim_start()
            .starts_with([':', '–', '—', '|', '：'])
}

/// Ties each caption to the nearest figure or table that it can be meant for.
pub(crate) fn tie(blocks: &mut [Block], reach: f32) {
    let targets: Vec<(u32, BlockKind, quire_proto::Rect)> = blocks
        .iter()
        .filter(|block| matches!(block.kind, BlockKind::Figure | BlockKind::Table))
        .map(|block| (block.id, block.kind, block.rect))
        .collect();
    for caption in blocks.iter_mut().filter(|block| block.kind == BlockKind::Caption) {
        let named = caption.lines.first().and_then(|line| names(&line.text));
        caption.caption_of = targets
            .iter()
            .filter(|(_, _, rect)| rect.overlap_x(&caption.rect) > 0.0)
            .map(|(id, kind, rect)| {
                let other_kind = match named {
                    Some(Names::Table) => *kind != BlockKind::Table,
                    Some(Names::Figure) => *kind != BlockKind::Figure,
                    None => false,
                };
                let gap = (rect.y0 - caption.rect.y1).max(caption.rect.y0 - rect.y1).max(0.0);
                (*id, gap + if other_kind { reach } else { 0.0 })
            })
            .filter(|(_, gap)| *gap < 2.0 * reach)
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(id, _)| id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_are_known_in_several_languages() {
        assert_eq!(names("Figure 3: Trees"), Some(Names::Figure));
        assert_eq!(names("Abb. 2 Bäume"), Some(Names::Figure));
        assert_eq!(names("Tableau 1 – Arbres"), Some(Names::Table));
        assert_eq!(names("Table of contents"), None);
        assert_eq!(names("Figures show"), None);
        assert!(is_explicit("Table 2: Counts"));
        assert!(!is_explicit("Table 2 shows that"));
    }
}
