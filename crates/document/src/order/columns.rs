//! Columns: gutters that reach through a set of units from top to bottom.
//!
//! White space alone does not make a column. The two sides must stand beside each
//! other, be wide enough, and not be the labels and values of a form.

use quire_proto::Rect;

use super::{OrderParams, Unit, apart};

/// `set` cut into its columns from left to right; a single part when there is no believable gutter.
///
/// Gutters of the usual width are looked for first, then narrow ones between columns of many rows.
pub(crate) fn columns(units: &[Unit], set: &[usize], em: f32, params: &OrderParams) -> Vec<Vec<usize>> {
    let wide = cut(units, set, em, params);
    if wide.len() > 1 {
        return wide;
    }
    let narrow =
        OrderParams { gutter_em: params.narrow_gutter_em, column_rows: params.narrow_rows, ..*params };
    cut(units, set, em, &narrow)
}

fn cut(units: &[Unit], set: &[usize], em: f32, params: &OrderParams) -> Vec<Vec<usize>> {
    // A negative slack widens every extent by half a gutter, so that what remains between two is one.
    let parts = apart(set, -params.gutter_em * em / 2.0, |unit| (units[unit].rect.x0, units[unit].rect.x1));
    if parts.len() < 2 {
        return parts;
    }
    let mut sides: Vec<Side> = parts.into_iter().map(|part| Side::new(units, part)).collect();
    let whole = sides.iter().map(|side| side.rect).reduce(|a, b| a.union(&b)).unwrap_or_default();
    while let Some(left) = weakest_gutter(&sides, whole.width(), em, params) {
        let right = sides.remove(left + 1);
        sides[left].absorb(units, right);
    }
    sides.into_iter().map(|side| side.members).collect()
}

/// Whether two units are labels and values where they stand side by side: on common lines, and not full.
pub(crate) fn are_form(a: &Unit, b: &Unit, em: f32, params: &OrderParams) -> bool {
    let beside = |unit: &Unit, other: &Rect| {
        let rows: Vec<Rect> = unit.rows.iter().filter(|row| row.overlap_y(other) > 0.0).copied().collect();
        let rect = Rect::around(&rows).unwrap_or_default();
        Side { members: Vec::new(), rows, rect, picture: 0.0 }
    };
    let (a, b) = (beside(a, &b.rect), beside(b, &a.rect));
    a.rect.overlap_x(&b.rect) <= 0.0 && is_form(&a, &b, em, params)
}

/// One side of a gutter.
struct Side {
    members: Vec<usize>,
    rows: Vec<Rect>,
    rect: Rect,
    /// Height of the highest picture or table in it.
    picture: f32,
}

impl Side {
    fn new(units: &[Unit], members: Vec<usize>) -> Self {
        let rect = Rect::around(members.iter().map(|&unit| &units[unit].rect)).unwrap_or_default();
        let mut rows: Vec<Rect> = members.iter().flat_map(|&unit| units[unit].rows.iter().copied()).collect();
        rows.sort_by(|a, b| a.y0.total_cmp(&b.y0));
        let pictures = members.iter().map(|&unit| &units[unit]).filter(|unit| unit.rows.is_empty());
        let picture = pictures.map(|unit| unit.rect.height()).fold(0.0, f32::max);
        Self { members, rows, rect, picture }
    }

    fn absorb(&mut self, units: &[Unit], other: Self) {
        self.members.extend(other.members);
        *self = Self::new(units, std::mem::take(&mut self.members));
    }

    /// Whether it could be a column of running text, or a picture beside one, with a title perhaps.
    fn is_column(&self, width: f32, em: f32, params: &OrderParams) -> bool {
        let pictured = self.rows.is_empty() || self.picture >= params.column_rows as f32 * em;
        let tall_enough = pictured || self.rows.len() >= params.column_rows;
        tall_enough && self.rect.width() >= width * params.column_share
    }

    /// How much of the column's width its rows take, on average.
    fn filled(&self) -> f32 {
        let widths: f32 = self.rows.iter().map(Rect::width).sum();
        widths / (self.rect.width().max(1.0) * self.rows.len().max(1) as f32)
    }

    /// Share of the rows that have a partner on the same line in `other`.
    fn aligned_with(&self, other: &Self, em: f32) -> f32 {
        let middle = |row: &Rect| row.center().y;
        let partners = self.rows.iter().filter(|row| {
            let from = other.rows.partition_point(|partner| partner.y0 < row.y0 - 2.0 * em);
            other.rows[from..]
                .iter()
                .take_while(|partner| partner.y0 <= row.y1)
                .any(|partner| (middle(partner) - middle(row)).abs() < 0.3 * em)
        });
        partners.count() as f32 / self.rows.len().max(1) as f32
    }
}

/// Index of the side left of the first gutter that does not separate columns.
fn weakest_gutter(sides: &[Side], width: f32, em: f32, params: &OrderParams) -> Option<usize> {
    sides.windows(2).position(|pair| {
        let [left, right] = pair else { return false };
        let beside = left.rect.overlap_y(&right.rect);
        let shorter = left.rect.height().min(right.rect.height()).max(1.0);
        !(left.is_column(width, em, params)
            && right.is_column(width, em, params)
            && beside >= shorter * params.beside_share
            && !is_form(left, right, em, params))
    })
}

fn is_form(left: &Side, right: &Side, em: f32, params: &OrderParams) -> bool {
    let aligned = left.aligned_with(right, em).max(right.aligned_with(left, em));
    let running = left.filled() > params.running_share && left.rows.len() >= 2 * params.column_rows;
    aligned >= params.aligned_share && left.filled().min(right.filled()) < params.filled_share && !running
}
