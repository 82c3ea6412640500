//! Gutters: white stripes between columns whose rows stand on common lines.
//!
//! A gap in a printed row may be as wide as the gutter between two columns, the more so where a detector drew its
//! boxes. What tells them apart are the rows above and below: a gutter goes on through them, a gap does not.

use super::{BlockParams, Row};

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
