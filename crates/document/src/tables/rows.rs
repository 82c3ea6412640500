//! Words of a region by printed line, and cut at wide gaps into pieces: the raw material of unruled tables.

use quire_proto::{Rect, record::Line};

use super::TableParams;

/// A word with what its line says about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item<'a> {
    pub(super) text: &'a str,
    pub(super) rect: Rect,
    pub(super) bold: bool,
    pub(super) monospace: bool,
}

/// Words without a gap between them on one printed line.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    pub(super) rect: Rect,
    pub(super) words: Vec<Item<'a>>,
}

impl Piece<'_> {
    pub(super) fn is_numeric(&self) -> bool {
        !self.words.is_empty() && self.words.iter().all(|word| is_numeric(word.text))
    }
}

/// One printed line.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    pub(super) rect: Rect,
    pub(super) pieces: Vec<Piece<'a>>,
}

/// Whether every edge is a number that can be computed with.
pub(super) fn is_sane(rect: &Rect) -> bool {
    [rect.x0, rect.y0, rect.x1, rect.y1].iter().all(|edge| edge.is_finite() && edge.abs() < 1e5)
        && rect.x1 >= rect.x0
        && rect.y1 >= rect.y0
}

/// The words whose middle lies in `region`.
pub(super) fn items<'a>(lines: &'a [Line], region: &Rect) -> Vec<Item<'a>> {
    let style = |line: &Line| line.font.map_or((false, false), |font| (font.bold, font.monospace));
    // Text that runs up or down the page is in nobody's rows.
    let upright =
        |line: &&Line| line.rect.height() <= 2.0 * line.rect.width() || line.text.chars().count() < 4;
    lines
        .iter()
        .filter(upright)
        .flat_map(|line| line.words.iter().map(move |word| (word, style(line))))
        .filter(|(word, _)| is_sane(&word.rect) && region.contains(word.rect.center()))
        .map(|(word, (bold, monospace))| Item { text: &word.text, rect: word.rect, bold, monospace })
        .collect()
}

/// The usual height of a word, at least two pixels.
pub(super) fn line_height(items: &[Item<'_>]) -> f32 {
    let mut heights: Vec<f32> = items.iter().map(|item| item.rect.height()).filter(|h| *h > 0.0).collect();
    heights.sort_unstable_by(f32::total_cmp);
    heights.get(heights.len() / 2).copied().unwrap_or(20.0).max(2.0)
}

/// The printed lines from top to bottom, each cut at the wide gaps.
pub(super) fn rows<'a>(mut items: Vec<Item<'a>>, params: &TableParams) -> Vec<Row<'a>> {
    items.sort_by(|a, b| a.rect.center().y.total_cmp(&b.rect.center().y));
    let height = line_height(&items);
    let mut lines: Vec<Vec<Item<'a>>> = Vec::new();
    let mut middle = f32::NEG_INFINITY;
    for item in items {
        let y = item.rect.center().y;
        match lines.last_mut() {
            Some(line) if y - middle <= 0.4 * height => line.push(item),
            _ => {
                middle = y;
                lines.push(vec![item]);
            }
        }
    }
    lines.into_iter().filter_map(|line| row(line, height, params)).collect()
}

fn row<'a>(mut items: Vec<Item<'a>>, height: f32, params: &TableParams) -> Option<Row<'a>> {
    let together = |a: &Item<'_>, b: &Item<'_>| {
        let figures = is_numeric(a.text) && is_numeric(b.text);
        b.rect.x0 - a.rect.x1 <= height * if figures { params.figure_gap } else { params.column_gap }
    };
    items.sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
    let rect = Rect::around(items.iter().map(|item| &item.rect))?;
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    for item in items {
        match pieces.last_mut() {
            Some(piece) if piece.words.last().is_some_and(|last| together(last, &item)) => {
                piece.rect = piece.rect.union(&item.rect);
                piece.words.push(item);
            }
            _ => pieces.push(Piece { rect: item.rect, words: vec![item] }),
        }
    }
    Some(Row { rect, pieces })
}

/// Cuts the pieces of a row at the word gaps of at least `gap` pixels that lie in a gutter.
pub(super) fn cut(row: &mut Row<'_>, gutters: &[(f32, f32)], gap: f32) {
    let in_gutter = |from: f32, to: f32| gutters.iter().any(|gutter| from < gutter.1 && to > gutter.0);
    let mut out: Vec<Piece<'_>> = Vec::with_capacity(row.pieces.len());
    for piece in row.pieces.drain(..) {
        let mut last_end = None;
        for word in piece.words {
            let begins =
                last_end.is_none_or(|end: f32| word.rect.x0 - end >= gap && in_gutter(end, word.rect.x0));
            last_end = Some(word.rect.x1);
            match out.last_mut() {
                Some(piece) if !begins => {
                    piece.rect = piece.rect.union(&word.rect);
                    piece.words.push(word);
                }
                _ => out.push(Piece { rect: word.rect, words: vec![word] }),
            }
        }
    }
    row.pieces = out;
}

/// Figures, amounts, percentages, dates in digits, dashes for nothing.
pub(super) fn is_numeric(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(|char| char.is_alphabetic()).count();
    let dash =
        !text.is_empty() && text.chars().all(|char| matches!(char, '-' | '–' | '—' | '−' | '.' | '…' | '%'));
    dash || (digits > 0 && digits >= 2 * letters)
}
