//! Gutters: white stripes between columns whose rows stand on common lines.
//!
//! A gap in a printed row may be as wide as the gutter between two columns, the more so where a detector drew its
//! boxes. What tells them apart are the rows above and below: a gutter goes on through them, a gap does not.

use quire_proto::{
    Rect,
    record::{Line, Word},
};

use super::{BlockParams, Row};

/// Words may reach this many pixels into a gutter: their boxes are estimates.
const SLACK: f32 = 3.0;

/// Most rounds in which a gutter grows and cuts: each leads past rows that the one before could not cut.
const PASSES: usize = 4;

/// A stripe that no row crosses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gutter {
    x0: f32,
    x1: f32,
    y0: f32,
    y1: f32,
    rows: usize,
}

impl Gutter {
    /// Whether it lies between two pieces of one printed row.
    pub(super) fn parts(&self, left: &Row, right: &Row) -> bool {
        let (middle, height) = ((self.x0 + self.x1) / 2.0, right.rect.height());
        let y = right.rect.center().y;
        left.rect.x1 <= middle && right.rect.x0 >= middle && y > self.y0 - height && y < self.y1 + height
    }

    /// The parts of a piece left and right of it, if the piece is next to it and has no word on it.
    fn halves(&mut self, piece: Row, params: &BlockParams) -> Vec<Row> {
        let (rect, words) = (piece.rect, &piece.line.words);
        let near = 2.0 * rect.height();
        let beside = rect.center().y > self.y0 - near && rect.center().y < self.y1 + near;
        let wide = params.gutter_column_em * piece.size;
        if !beside || rect.x0 > self.x0 - wide || rect.x1 < self.x1 + wide {
            return vec![piece];
        }
        // Words are in page coordinates: a level row is moved a little.
        let moved = rect.x0 - piece.line.rect.x0;
        let at = words.iter().take_while(|word| word.rect.x1 + moved <= self.x0 + SLACK).count();
        let free = at > 0 && words.get(at).is_some_and(|word| word.rect.x0 + moved >= self.x1 - SLACK);
        match free.then(|| halves(&piece, at)).flatten() {
            Some(halves) => {
                (self.y0, self.y1) = (self.y0.min(rect.y0), self.y1.max(rect.y1));
                halves
            }
            None => vec![piece],
        }
    }

    /// Takes the gaps that go on in it, from top to bottom and back.
    fn grow(&mut self, gaps: &[(Self, f32)], params: &BlockParams) {
        for (gap, size) in gaps.iter().chain(gaps.iter().rev()) {
            let near = 2.0 * (gap.y1 - gap.y0);
            let beside = gap.y1 > self.y0 - near && gap.y0 < self.y1 + near;
            if beside && let Some(longer) = self.narrowed(gap, params.gutter_em * size) {
                (self.y0, self.y1) = (longer.y0, longer.y1);
            }
        }
    }

    /// The stripe that two gaps have in common, if there is enough of it.
    fn narrowed(&self, gap: &Self, least: f32) -> Option<Self> {
        let (x0, x1) = (self.x0.max(gap.x0), self.x1.min(gap.x1));
        let (y0, y1) = (self.y0.min(gap.y0), self.y1.max(gap.y1));
        (x1 - x0 > least).then_some(Self { x0, x1, y0, y1, rows: self.rows + gap.rows })
    }

    fn is_crossed_by(&self, row: &Row) -> bool {
        let middle = (self.x0 + self.x1) / 2.0;
        let y = row.rect.center().y;
        row.rect.x0 < middle && row.rect.x1 > middle && y > self.y0 && y < self.y1
    }
}

/// Cuts pieces that a detector drew across a gutter, where their words leave it free.
///
/// A gutter grows by what is cut at it, and by the printed rows that it parts already, so that one cut row leads to
/// the next, down and up the page.
pub(super) fn cut(mut pieces: Vec<Row>, gutters: &mut [Gutter], params: &BlockParams) -> Vec<Row> {
    let mut between = gaps(&pieces, params);
    for gutter in gutters {
        for _pass in 0..PASSES {
            let count = pieces.len();
            gutter.grow(&between, params);
            pieces.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
            for _down_then_up in 0..2 {
                pieces = pieces.into_iter().flat_map(|piece| gutter.halves(piece, params)).collect();
                pieces.reverse();
            }
            if pieces.len() == count {
                break;
            }
            between = gaps(&pieces, params);
        }
    }
    pieces
}

/// The gutters between `pieces` that are near enough to be taken for gaps.
pub(super) fn gutters(pieces: &[Row], params: &BlockParams) -> Vec<Gutter> {
    let mut found: Vec<Gutter> = Vec::new();
    for (gap, size) in gaps(pieces, params) {
        let least = params.gutter_em * size;
        let longer = found.iter().enumerate().rev().find_map(|(at, gutter)| {
            let longer = gutter.narrowed(&gap, least)?;
            (!pieces.iter().any(|row| longer.is_crossed_by(row))).then_some((at, longer))
        });
        match longer {
            Some((at, longer)) => found[at] = longer,
            None => found.push(gap),
        }
    }
    found.retain(|gutter| gutter.rows >= params.gutter_rows);
    found
}

/// The gaps between neighbours that are wide enough for columns, from top to bottom, with the size of the text.
fn gaps(pieces: &[Row], params: &BlockParams) -> Vec<(Gutter, f32)> {
    let mut wide: Vec<&Row> =
        pieces.iter().filter(|row| row.rect.width() >= params.gutter_column_em * row.size).collect();
    wide.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
    let neighbour = |left: &Row| {
        let from = wide.partition_point(|row| row.rect.y0 < left.rect.y0 - left.rect.height());
        let level = wide[from..].iter().take_while(|row| row.rect.y0 <= left.rect.y1);
        let right = level.filter(|row| row.rect.x0 >= left.rect.x1 && row.level_with(left));
        right.min_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0)).copied()
    };
    let gap = |left: &&Row| {
        let right = neighbour(left)?;
        let size = left.size.min(right.size);
        let (x0, x1) = (left.rect.x1, right.rect.x0);
        let (y0, y1) = (left.rect.y0.min(right.rect.y0), left.rect.y1.max(right.rect.y1));
        (x1 - x0 < params.join_in_region_em * size).then_some((Gutter { x0, x1, y0, y1, rows: 1 }, size))
    };
    wide.iter().filter_map(gap).collect()
}

/// A piece cut before its word `at`; nothing when its words are not its text.
fn halves(piece: &Row, at: usize) -> Option<Vec<Row>> {
    let (left, right) = piece.line.words.split_at_checked(at)?;
    let text = |words: &[Word]| words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    if format!("{} {}", text(left), text(right)) != piece.line.text {
        return None;
    }
    let moved = piece.rect.x0 - piece.line.rect.x0;
    let half = |words: &[Word], from: f32, to: f32| Row {
        line: Line {
            text: text(words),
            rect: Rect { x0: from, x1: to, ..piece.line.rect },
            words: words.to_vec(),
            ..piece.line.clone()
        },
        rect: Rect { x0: from + moved, x1: to + moved, ..piece.rect },
        ..piece.clone()
    };
    let (end, begin) = (left.last()?.rect.x1, right.first()?.rect.x0);
    Some(vec![half(left, piece.line.rect.x0, end), half(right, begin, piece.line.rect.x1)])
}
