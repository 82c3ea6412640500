//! Reading order: a recursive XY-cut with layout units as its atoms.
//!
//! The algorithm is the XY-cut of Nagy and Seth ("Hierarchical representation of
//! optically scanned documents", 1984) with the two repairs that later work found
//! necessary: units that span columns are cut off first (as the cross-layout mask
//! of "XY-Cut++", 2025, does), and what no cut separates falls back to rows from
//! top to bottom (after Breuel, "High performance document layout analysis", 2003).
//!
//! ```text
//!  set ─ columns? ──▶ left … right, each again
//!      └ strips? ───▶ neighbouring strips that share a gutter are one; top … bottom, each again
//!      └ neither ───▶ rows, then left to right
//! ```
//!
//! What must stay true: the answer is a permutation of the input, whatever the boxes.

mod columns;
mod skew;

use quire_proto::Rect;

pub(crate) use columns::{are_form, columns};
pub(crate) use skew::Deskew;

/// What the reading order may be tuned by; lengths are in *ems*, the median height of a row on the page.
#[derive(Clone, Copy, Debug)]
pub struct OrderParams {
    /// White space that separates two columns.
    pub gutter_em: f32,
    /// White space that separates two columns of many rows …
    pub narrow_gutter_em: f32,
    /// … namely of so many each.
    pub narrow_rows: usize,
    /// Narrowest column, as a share of the width of everything beside it.
    pub column_share: f32,
    /// Rows a column needs at least.
    pub column_rows: usize,
    /// Share of the shorter column that must lie beside the other one.
    pub beside_share: f32,
    /// Two neighbouring columns whose rows sit on common lines by more than this share …
    pub aligned_share: f32,
    /// … and one of which is filled less than this read as the rows of a form.
    pub filled_share: f32,
    /// A left column that is filled more than this is running text, whatever stands beside it.
    pub running_share: f32,
    /// How far boxes may overlap and still be cut apart.
    pub slack_em: f32,
    /// How deep cuts may nest; what lies deeper is read row by row.
    pub depth: usize,
}

impl Default for OrderParams {
    fn default() -> Self {
        Self {
            gutter_em: 0.6,
            narrow_gutter_em: 0.25,
            narrow_rows: 8,
            column_share: 0.12,
            column_rows: 3,
            beside_share: 0.3,
            aligned_share: 0.6,
            filled_share: 0.62,
            running_share: 0.85,
            slack_em: 0.25,
            depth: 48,
        }
    }
}

/// What is ordered: a box and the rows of text in it (none in a figure).
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    /// Where it is.
    pub(crate) rect: Rect,
    /// Its rows.
    pub(crate) rows: Vec<Rect>,
}

/// The reading order of `units` as their indices.
pub(crate) fn reading_order(units: &[Unit], em: f32, params: &OrderParams) -> Vec<usize> {
    let mut order = Vec::with_capacity(units.len());
    let cut = Cut { units, em: em.max(1.0), params };
    cut.visit((0..units.len()).collect(), 0, &mut order);
    order
}

struct Cut<'a> {
    units: &'a [Unit],
    em: f32,
    params: &'a OrderParams,
}

impl Cut<'_> {
    fn visit(&self, set: Vec<usize>, depth: usize, order: &mut Vec<usize>) {
        if set.len() < 2 {
            order.extend(set);
            return;
        }
        let parts = if depth < self.params.depth { self.parts(&set) } else { Vec::new() };
        if parts.len() < 2 {
            order.extend(self.by_rows(set));
        } else {
            parts.into_iter().for_each(|part| self.visit(part, depth + 1, order));
        }
    }

    fn parts(&self, set: &[usize]) -> Vec<Vec<usize>> {
        let columns = columns(self.units, set, self.em, self.params);
        if columns.len() > 1 { columns } else { self.strips(set) }
    }

    /// Cuts `set` at every horizontal gap, then joins neighbouring strips that have a gutter in common.
    fn strips(&self, set: &[usize]) -> Vec<Vec<usize>> {
        let slack = self.params.slack_em * self.em;
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let strips = apart(set, slack, |unit| (self.units[unit].rect.y0, self.units[unit].rect.y1));
        for (at, strip) in strips.iter().enumerate() {
            match groups.last_mut() {
                Some(group)
                    if self.share_a_gutter(group, strip) && !self.heads_the_next(group, &strips[at..]) =>
                {
                    group.extend(strip);
                }
                _ => groups.push(strip.clone()),
            }
        }
        groups
    }

    /// A single row below columns, above something across them, is the heading of what follows.
    fn heads_the_next(&self, columns: &[usize], strips: &[Vec<usize>]) -> bool {
        let [strip, next, ..] = strips else { return false };
        let rows: usize = strip.iter().map(|&unit| self.units[unit].rows.len()).sum();
        rows == 1 && !self.share_a_gutter(columns, next)
    }

    fn share_a_gutter(&self, above: &[usize], below: &[usize]) -> bool {
        let both: Vec<usize> = above.iter().chain(below).copied().collect();
        columns(self.units, &both, self.em, self.params).len() > 1
    }

    /// From top to bottom, and from left to right among units that begin on one line.
    fn by_rows(&self, mut set: Vec<usize>) -> Vec<usize> {
        let rect = |unit: usize| self.units[unit].rect;
        set.sort_by(|&a, &b| rect(a).y0.total_cmp(&rect(b).y0));
        let mut top = f32::NEG_INFINITY;
        let mut keyed: Vec<(f32, usize)> = Vec::with_capacity(set.len());
        for unit in set {
            if rect(unit).y0 - top > self.em * 0.6 {
                top = rect(unit).y0;
            }
            keyed.push((top, unit));
        }
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(rect(a.1).x0.total_cmp(&rect(b.1).x0)));
        keyed.into_iter().map(|(_, unit)| unit).collect()
    }
}

/// Splits `set` wherever no extent, shortened by `slack`, bridges the gap.
fn apart(set: &[usize], slack: f32, extent: impl Fn(usize) -> (f32, f32)) -> Vec<Vec<usize>> {
    let mut sorted: Vec<(f32, f32, usize)> = set
        .iter()
        .map(|&unit| {
            let (from, to) = extent(unit);
            // A thin thing keeps its middle: it may not vanish from the projection.
            let cut = slack.min((to - from) * 0.25);
            (from + cut, to - cut, unit)
        })
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut reached = f32::NEG_INFINITY;
    for (from, to, unit) in sorted {
        match parts.last_mut() {
            Some(part) if from <= reached => part.push(unit),
            _ => parts.push(vec![unit]),
        }
        reached = reached.max(to);
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A column of text rows, 20 high, that fill it.
    fn text(x0: f32, y0: f32, x1: f32, y1: f32) -> Unit {
        let rows = (0..((y1 - y0) / 25.0) as usize)
            .map(|row| Rect::new(x0, y0 + 25.0 * row as f32, x1, y0 + 25.0 * row as f32 + 20.0))
            .collect();
        Unit { rect: Rect::new(x0, y0, x1, y1), rows }
    }

    fn read(units: &[Unit]) -> Vec<usize> {
        reading_order(units, 20.0, &OrderParams::default())
    }

    #[test]
    fn one_column_reads_from_top_to_bottom() {
        let units =
            [text(100., 500., 900., 600.), text(100., 100., 900., 200.), text(100., 300., 500., 400.)];

        assert_eq!(read(&units), [1, 2, 0]);
    }

    #[test]
    fn two_columns_read_left_then_right_below_a_title_across() {
        let units = [
            text(510., 200., 900., 400.),
            text(100., 200., 480., 300.),
            text(100., 100., 900., 150.),
            text(100., 330., 480., 600.),
            text(510., 420., 900., 600.),
            text(100., 650., 900., 800.),
        ];

        assert_eq!(read(&units), [2, 1, 3, 0, 4, 5]);
    }

    #[test]
    fn paragraph_gaps_at_the_same_height_do_not_cut_columns() {
        let units = [
            text(100., 100., 480., 200.),
            text(510., 100., 900., 200.),
            text(100., 240., 480., 400.),
            text(510., 240., 900., 400.),
        ];

        assert_eq!(read(&units), [0, 2, 1, 3]);
    }

    #[test]
    fn nor_do_they_below_a_title_across() {
        let units = [
            text(100., 20., 900., 60.),
            text(100., 100., 480., 200.),
            text(510., 100., 900., 200.),
            text(100., 240., 480., 400.),
            text(510., 240., 900., 400.),
        ];

        assert_eq!(read(&units), [0, 1, 3, 2, 4]);
    }

    #[test]
    fn a_narrow_gutter_parts_columns_of_many_rows_only() {
        let columns = |bottom: f32| {
            [
                text(100., 100., 490., 150.),
                text(500., 110., 900., bottom),
                text(100., 170., 490., 300.),
                text(100., 320., 490., bottom),
            ]
        };

        assert_eq!(read(&columns(700.)), [0, 2, 3, 1]);
        assert_eq!(read(&columns(340.)), [0, 1, 2, 3]);
    }

    #[test]
    fn a_table_with_a_title_is_a_column_beside_text() {
        let table = Unit { rect: Rect::new(620., 140., 900., 500.), rows: Vec::new() };
        let title = text(700., 100., 800., 125.);
        let units = [text(100., 100., 580., 250.), text(100., 280., 580., 560.), title, table];

        assert_eq!(read(&units), [0, 1, 2, 3]);
    }

    #[test]
    fn a_lone_row_below_columns_heads_what_follows_across() {
        let units = [
            text(100., 100., 480., 200.),
            text(510., 100., 900., 200.),
            text(100., 240., 300., 265.),
            text(100., 300., 900., 400.),
        ];

        assert_eq!(read(&units), [0, 1, 2, 3]);
    }

    #[test]
    fn a_form_reads_row_by_row() {
        let label = |y: f32, width: f32| text(100., y, 100. + width, y + 25.);
        let value = |y: f32, width: f32| text(500., y, 500. + width, y + 25.);
        let units = [
            label(100., 60.),
            value(100., 80.),
            label(150., 200.),
            value(150., 30.),
            label(200., 90.),
            value(200., 300.),
        ];

        assert_eq!(read(&units), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn running_text_beside_labels_on_the_same_lines_is_a_column() {
        let body = text(100., 100., 600., 400.);
        let label = |y: f32| text(640., y, 700., y + 25.);
        let units = [body, label(100.), label(150.), label(200.), text(640., 250., 900., 275.)];

        assert_eq!(read(&units), [0, 1, 2, 3, 4]);
    }

    proptest! {
        #[test]
        fn the_order_is_a_permutation(boxes in prop::collection::vec(prop::array::uniform4(any::<f32>()), 0..60)) {
            let units: Vec<Unit> = boxes.iter()
                .map(|&[a, b, c, d]| Unit { rect: Rect { x0: a, y0: b, x1: c, y1: d }, rows: vec![] })
                .collect();

            let mut order = read(&units);

            order.sort_unstable();
            prop_assert_eq!(order, (0..units.len()).collect::<Vec<_>>());
        }

        #[test]
        fn stacked_units_read_from_top_to_bottom(heights in prop::collection::vec(20f32..200., 1..20)) {
            let mut y = 0.0;
            let units: Vec<Unit> = heights.iter().map(|height| {
                y += height + 10.0;
                text(100., y - height, 900., y)
            }).collect();

            prop_assert_eq!(read(&units), (0..units.len()).collect::<Vec<_>>());
        }
    }
}
