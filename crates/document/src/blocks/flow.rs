//! Flows: rows of one column that may belong to one paragraph.
//!
//! A region of running text is one flow, or several when it reaches over columns.
//! Leftover rows flow together with the row above that is near and shares their extent.

use quire_proto::{Rect, RegionKind};

use super::{BlockParams, Row, row};
use crate::order::{OrderParams, Unit, are_form, columns};

/// Rows that may belong together, from top to bottom.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    /// Around its rows, in level coordinates.
    pub(crate) rect: Rect,
    /// Its rows.
    pub(crate) rows: Vec<Row>,
}

impl Flow {
    /// Of `rows`, which there is at least one of.
    pub(crate) fn new(mut rows: Vec<Row>) -> Self {
        sort_rows(&mut rows);
        let rect = Rect::around(rows.iter().map(|row| &row.rect)).unwrap_or_default();
        Self { rect, rows }
    }

    /// As a unit of the reading order.
    pub(crate) fn unit(&self) -> Unit {
        Unit { rect: self.rect, rows: self.rows.iter().map(|row| row.rect).collect() }
    }

    /// What the layout model calls it.
    pub(crate) fn hint(&self) -> Option<RegionKind> {
        self.rows.first().and_then(|row| row.hint)
    }

    /// Whether `next`, which is read after it, goes on in the same column at the usual distance.
    pub(crate) fn runs_into(&self, next: &Self, params: &BlockParams) -> bool {
        let (Some(last), Some(first)) = (self.rows.last(), next.rows.first()) else { return false };
        let gap = first.rect.y0 - last.rect.y1;
        let narrower = self.rect.width().min(next.rect.width());
        plain(self.hint())
            && plain(next.hint())
            && gap < params.flow_gap_em * last.size
            && gap > -0.8 * last.size
            && self.rect.overlap_x(&next.rect) > 0.7 * narrower
    }

    /// Takes the rows of `next`.
    pub(crate) fn append(&mut self, next: Self) {
        self.rect = self.rect.union(&next.rect);
        self.rows.extend(next.rows);
    }
}

/// Hints that do not set rows apart from running text.
fn plain(hint: Option<RegionKind>) -> bool {
    use RegionKind::{ListItem, Reference, Text, Title};
    matches!(hint, None | Some(Text | Title | Reference | ListItem))
}

/// From top to bottom, rows on one line from left to right.
fn sort_rows(rows: &mut [Row]) {
    rows.sort_by(|a, b| a.rect.center().y.total_cmp(&b.rect.center().y));
    let mut from = 0;
    while from < rows.len() {
        let mut to = from + 1;
        while to < rows.len() && rows[from].level_with(&rows[to]) {
            to += 1;
        }
        rows[from..to].sort_by(|a, b| a.rect.x0.total_cmp(&b.rect.x0));
        from = to;
    }
}

/// Groups `rows` into flows; `tables` are what may stand beside them too.
pub(crate) fn flows(
    rows: Vec<Row>,
    tables: &[Rect],
    em: f32,
    params: &BlockParams,
    order: &OrderParams,
) -> Vec<Flow> {
    let mut regions: Vec<Vec<Row>> = Vec::new();
    let mut leftover: Vec<Row> = Vec::new();
    for row in rows {
        match row.region {
            Some(region) => {
                if regions.len() <= region {
                    regions.resize_with(region + 1, Vec::new);
                }
                regions[region].push(row);
            }
            None => leftover.push(row),
        }
    }
    let mut flows: Vec<Flow> =
        regions.into_iter().flat_map(|rows| by_column(row::join(rows, params), em, order)).collect();
    let stacked =
        stacks(leftover, tables, params).into_iter().flat_map(|rows| by_column(rows, em, order)).collect();
    flows.extend(form_rows(stacked, em, order));
    give_back(&mut flows, params);
    flows
}

/// Gives the first rows of a flow, or all of them, to the column above that they belong to.
///
/// Text beside a box is narrow and goes on below the box as wide as the page. Its last narrow rows, which nothing
/// stands beside, would be read with the wide ones after the box although their paragraph stands before it.
fn give_back(flows: &mut Vec<Flow>, params: &BlockParams) {
    for at in 0..flows.len() {
        let others = (0..flows.len()).filter(|&other| other != at);
        let found = others.map(|above| (above, narrow_rows(&flows[above], &flows[at], params)));
        if let Some((above, count)) = found.into_iter().find(|(_, count)| *count > 0) {
            let mut narrow = std::mem::take(&mut flows[at].rows);
            flows[at] = Flow::new(narrow.split_off(count));
            flows[above].append(Flow::new(narrow));
        }
    }
    flows.retain(|flow| !flow.rows.is_empty());
}

/// How many rows `flow` begins with that go on in the column `above`, before it ends or gets wider.
fn narrow_rows(above: &Flow, flow: &Flow, params: &BlockParams) -> usize {
    let Some(last) = above.rows.last() else { return 0 };
    let tolerance = params.indent_em * last.size;
    let fits = |row: &&Row| {
        (row.rect.x0 - above.rect.x0).abs() < tolerance && (row.rect.x1 - above.rect.x1).abs() < tolerance
    };
    let narrow = flow.rows.iter().take_while(fits).count();
    let wide = above.rect.x1 + params.gets_wider_em * last.size;
    let gets_wider = flow.rows.get(narrow).is_none_or(|next| next.rect.x1 > wide);
    if gets_wider && above.rows.len() > 1 && above.runs_into(flow, params) { narrow } else { 0 }
}

/// Takes stacks of labels and values apart into their rows, so that each value is read after its label.
fn form_rows(flows: Vec<Flow>, em: f32, order: &OrderParams) -> Vec<Flow> {
    let units: Vec<Unit> = flows.iter().map(Flow::unit).collect();
    let is_form = |at: usize| {
        let beside = |other: &usize| *other != at && units[at].rect.overlap_y(&units[*other].rect) > 0.0;
        (0..units.len()).filter(beside).any(|other| are_form(&units[at], &units[other], em, order))
    };
    let form: Vec<bool> = (0..flows.len()).map(is_form).collect();
    flows
        .into_iter()
        .zip(form)
        .flat_map(|(flow, form)| {
            if form { flow.rows.into_iter().map(|row| Flow::new(vec![row])).collect() } else { vec![flow] }
        })
        .collect()
}

/// Cuts rows that a region holds together although columns divide them.
fn by_column(rows: Vec<Row>, em: f32, order: &OrderParams) -> Vec<Flow> {
    if rows.is_empty() {
        return Vec::new();
    }
    let units: Vec<Unit> = rows.iter().map(|row| Unit { rect: row.rect, rows: vec![row.rect] }).collect();
    let all: Vec<usize> = (0..rows.len()).collect();
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    columns(&units, &all, em, order)
        .into_iter()
        .map(|column| Flow::new(column.into_iter().filter_map(|row| rows[row].take()).collect()))
        .collect()
}

/// Stacks leftover rows: each goes under the nearest row above that is close, overlaps it and is as large.
///
/// Rows with something beside them and rows across the page are never in one stack: a column may begin below text
/// that spans it. What the reading order puts back together runs together again.
fn stacks(mut rows: Vec<Row>, tables: &[Rect], params: &BlockParams) -> Vec<Vec<Row>> {
    rows.sort_by(|a, b| a.rect.y0.total_cmp(&b.rect.y0));
    let has_table = |row: &Row| {
        let beside = |table: &Rect| table.overlap_x(&row.rect) <= 0.0 && table.overlap_y(&row.rect) > 0.0;
        tables.iter().any(beside)
    };
    let beside: Vec<bool> =
        (0..rows.len()).map(|at| has_neighbour(&rows, at) || has_table(&rows[at])).collect();
    let mut stacks: Vec<(bool, Vec<Row>)> = Vec::new();
    for (row, beside) in rows.into_iter().zip(beside) {
        let takes = |(kind, stack): &(bool, Vec<Row>)| {
            *kind == beside && stack.last().is_some_and(|last| under(last, &row, params))
        };
        match stacks.iter().rposition(takes) {
            Some(at) => stacks[at].1.push(row),
            None => stacks.push((beside, vec![row])),
        }
    }
    stacks.into_iter().map(|(_, stack)| stack).collect()
}

/// Whether another of `rows`, sorted by their tops, stands on the line of row `at`.
fn has_neighbour(rows: &[Row], at: usize) -> bool {
    let row = &rows[at];
    let from = rows.partition_point(|other| other.rect.y0 < row.rect.y0 - row.rect.height());
    let near = rows[from..].iter().take_while(|other| other.rect.y0 < row.rect.y1);
    near.into_iter().any(|other| other.level_with(row) && other.rect.overlap_x(&row.rect) <= 0.0)
}

fn under(above: &Row, row: &Row, params: &BlockParams) -> bool {
    let gap = row.rect.y0 - above.rect.y1;
    let size = above.size.min(row.size);
    let alike = above.size.max(row.size) < size * params.size_step_scan;
    let shared = above.rect.overlap_x(&row.rect) > 0.3 * above.rect.width().min(row.rect.width());
    alike && shared && gap < params.flow_gap_em * size && gap > -0.6 * size
}

#[cfg(test)]
mod tests {
    use quire_proto::record::Line;

    use super::*;

    fn flow(rows: &[(f32, f32, f32)]) -> Flow {
        let row = |&(x0, x1, y0): &(f32, f32, f32)| {
            let rect = Rect::new(x0, y0, x1, y0 + 20.0);
            Row { line: Line::default(), rect, size: 20.0, region: None, hint: None, drawn: 0 }
        };
        Flow::new(rows.iter().map(row).collect())
    }

    #[test]
    fn narrow_rows_go_back_to_the_column_above_and_wide_ones_stay() {
        let column = flow(&[(100.0, 500.0, 100.0), (100.0, 500.0, 125.0)]);
        let below = flow(&[(100.0, 500.0, 150.0), (100.0, 900.0, 175.0)]);
        let mut flows = vec![below, column];

        give_back(&mut flows, &BlockParams::default());

        assert_eq!(flows.iter().map(|flow| flow.rows.len()).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(flows[0].rect, Rect::new(100.0, 175.0, 900.0, 195.0));
        assert_eq!(flows[1].rect, Rect::new(100.0, 100.0, 500.0, 170.0));
    }

    #[test]
    fn rows_beside_a_table_are_not_stacked_with_those_below_it() {
        let rows = flow(&[(100.0, 500.0, 100.0), (100.0, 500.0, 125.0), (100.0, 900.0, 150.0)]).rows;
        let table = Rect::new(520.0, 80.0, 900.0, 140.0);
        let count = |tables: &[Rect]| {
            let flows = flows(rows.clone(), tables, 20.0, &BlockParams::default(), &OrderParams::default());
            flows.iter().map(|flow| flow.rows.len()).collect::<Vec<_>>()
        };

        assert_eq!(count(&[table]), [2, 1]);
        assert_eq!(count(&[]), [3]);
    }

    #[test]
    fn a_paragraph_below_stays_whole() {
        let above = flow(&[(100.0, 500.0, 100.0), (100.0, 500.0, 125.0)]);
        let below = flow(&[(100.0, 500.0, 190.0), (100.0, 900.0, 215.0)]);
        let mut flows = vec![above, below];

        give_back(&mut flows, &BlockParams::default());

        assert_eq!(flows.iter().map(|flow| flow.rows.len()).collect::<Vec<_>>(), [2, 2]);
    }
}
