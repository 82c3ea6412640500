//! Rows: what stands on one printed line of one column, joined from the pieces that were found.

use quire_proto::{
    Rect, RegionKind,
    record::{FontStyle, Line},
};

use super::{
    BlockParams,
    gutter::{self, Gutter},
    list,
};

/// One printed row.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The line as it will stand in the record, in page coordinates.
    pub(crate) line: Line,
    /// Where it is in level coordinates.
    pub(crate) rect: Rect,
    /// Size of its text in pixels.
    pub(crate) size: f32,
    /// Index of the region it lies in.
    pub(crate) region: Option<usize>,
    /// What the layout model calls that region.
    pub(crate) hint: Option<RegionKind>,
    /// Its place among the lines as they came: for a text layer, the order in which the file draws.
    pub(crate) drawn: usize,
}

impl Row {
    /// The font, where one is known.
    pub(crate) fn font(&self) -> FontStyle {
        self.line.font.unwrap_or_default()
    }

    /// Its text.
    pub(crate) fn text(&self) -> &str {
        &self.line.text
    }

    /// Number of characters.
    pub(crate) fn chars(&self) -> usize {
        self.line.text.chars().count()
    }

    /// Width of its first word.
    pub(crate) fn first_word(&self) -> f32 {
        self.line.words.first().map_or(0.0, |word| word.rect.width())
    }

    /// Whether both stand on one printed line.
    pub(crate) fn level_with(&self, other: &Self) -> bool {
        let shared = self.rect.overlap_y(&other.rect);
        shared > 0.5 * self.rect.height().min(other.rect.height())
    }

    /// Takes what stands to its right.
    pub(crate) fn append(&mut self, next: Self) {
        let (here, there) = (self.chars() as f32, next.chars() as f32);
        if there > here {
            self.line.font = next.line.font;
            self.size = next.size;
        }
        if needs_space(self, &next) {
            self.line.text.push(' ');
        }
        self.line.confidence = match (self.line.confidence, next.line.confidence) {
            (Some(a), Some(b)) => Some((a * here + b * there) / (here + there).max(1.0)),
            (known, other) => known.or(other),
        };
        self.line.text.push_str(&next.line.text);
        self.line.rect = self.line.rect.union(&next.line.rect);
        self.line.words.extend(next.line.words);
        self.rect = self.rect.union(&next.rect);
        self.drawn = self.drawn.min(next.drawn);
    }
}

/// Scripts without spaces get none where two boxes meet.
fn needs_space(left: &Row, right: &Row) -> bool {
    let wide = |c: Option<char>| c.is_some_and(|c| ('\u{2e80}'..='\u{ffef}').contains(&c));
    !(wide(left.text().chars().next_back()) && wide(right.text().chars().next()))
}

/// Joins pieces that stand on one line with less than `params`' gaps between them, and no gutter.
pub(crate) fn join(mut pieces: Vec<Row>, params: &BlockParams) -> Vec<Row> {
    let mut gutters = gutter::gutters(&pieces, params);
    pieces = gutter::cut(pieces, &mut gutters, params);
    pieces.sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
    let mut rows: Vec<Row> = Vec::with_capacity(pieces.len());
    // Rows that end left of a piece by more than the widest gap cannot take it, but they are few on a page:
    // the search runs backwards and stops at the first fit.
    for piece in pieces {
        match rows.iter_mut().rev().find(|row| continues(row, &piece, &gutters, params)) {
            Some(row) => row.append(piece),
            None => rows.push(piece),
        }
    }
    rows.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
    rows
}

fn continues(row: &Row, piece: &Row, gutters: &[Gutter], params: &BlockParams) -> bool {
    let size = row.size.min(piece.size);
    let gap = piece.rect.x0 - row.rect.x1;
    let bullet = list::is_lone_marker(row.text());
    let together = row.region == piece.region && row.hint.is_some_and(is_running);
    let reach = if bullet || together { params.join_in_region_em } else { params.join_em };
    let parted = gutters.iter().any(|gutter| gutter.parts(row, piece));
    gap > -0.8 * size && gap < reach * size && row.level_with(piece) && !parted
}

/// Kinds of regions whose rows are running text.
pub(crate) fn is_running(kind: RegionKind) -> bool {
    use RegionKind::{
        Aside, FigureCaption, Footer, Footnote, Header, ListItem, Reference, TableCaption, Text, Title,
    };
    matches!(
        kind,
        Text | Title
            | FigureCaption
            | TableCaption
            | Header
            | Footer
            | Reference
            | ListItem
            | Footnote
            | Aside
    )
}
