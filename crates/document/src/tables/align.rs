//! A table's structure from how its words line up, for tables without (enough) ruling lines.

use quire_proto::{
    Rect,
    record::Line,
    table::{StructureCell, TableStructure},
};

use super::{
    TableParams, header,
    rows::{self, Item, Row},
    rules,
};

/// The grid that the words in `region` suggest, if they stand in at least two columns and two rows.
pub fn from_alignment(
    region: &Rect,
    rulings: &[Rect],
    lines: &[Line],
    params: &TableParams,
) -> Option<TableStructure> {
    let items = rows::items(lines, region);
    let height = rows::line_height(&items);
    let mut printed = rows::rows(items.clone(), params);
    let gutters = gutters(&printed, height, params);
    printed.iter_mut().for_each(|row| rows::cut(row, &gutters, height * params.heading_gap));
    if gutters.is_empty() || printed.len() < 2 {
        return None;
    }
    let outline = Rect::around(printed.iter().map(|row| &row.rect))?;
    let mut edges = vec![outline.x0];
    edges.extend(gutters.iter().map(|gutter| (gutter.0 + gutter.1) / 2.0));
    edges.push(outline.x1 + 1.0);
    let rules: Vec<Rect> = rules::usable(rulings, height * 0.6, params.most_rulings)
        .into_iter()
        .filter(|rule| rules::is_horizontal(rule) && rule.overlap_x(&outline) > 0.8 * outline.width())
        .collect();
    let bands = bands(&printed, &edges, &rules, height);
    let cells =
        bands.iter().enumerate().flat_map(|(at, band)| cells(band, &edges, bottom(&bands, at))).collect();
    let mut structure = header::numbered(cells)?;
    structure.header_rows = header::header_rows(&structure, &items);
    structure.score = 0.8;
    (structure.rows >= 2).then_some(structure)
}

/// Printed lines that are one row of the table.
type Band<'a, 'b> = Vec<&'b Row<'a>>;

fn top(band: &Band<'_, '_>) -> f32 {
    band.iter().map(|row| row.rect.y0).fold(f32::INFINITY, f32::min)
}

fn bottom(bands: &[Band<'_, '_>], at: usize) -> f32 {
    let own = bands[at].iter().map(|row| row.rect.y1).fold(f32::NEG_INFINITY, f32::max);
    bands.get(at + 1).map_or(own + 1.0, top)
}

/// The empty stretches between columns, from left to right, crossed by few rows.
pub(super) fn gutters(printed: &[Row<'_>], height: f32, params: &TableParams) -> Vec<(f32, f32)> {
    let mut events: Vec<(f32, i32)> = printed
        .iter()
        .flat_map(|row| row.pieces.iter())
        .flat_map(|piece| [(piece.rect.x0, 1), (piece.rect.x1, -1)])
        .collect();
    events.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let allowed = (printed.len() as f32 * params.crossing).floor() as i32;
    let (mut covered, mut seen) = (0, false);
    let mut begun = None;
    let mut out: Vec<(f32, f32)> = Vec::new();
    for (x, change) in events {
        covered += change;
        match begun {
            Some(from) if covered > allowed => {
                if seen && x - from >= height * 0.4 {
                    out.push(quietest(printed, (from, x)));
                }
                begun = None;
            }
            None if covered <= allowed => begun = Some(x),
            _ => {}
        }
        seen |= covered > allowed;
    }
    out
}

/// The widest part of a gutter that the fewest pieces cross.
fn quietest(printed: &[Row<'_>], gutter: (f32, f32)) -> (f32, f32) {
    let (from, to) = gutter;
    let mut events: Vec<(f32, i32)> = printed
        .iter()
        .flat_map(|row| &row.pieces)
        .filter(|piece| piece.rect.x0 < to && piece.rect.x1 > from)
        .flat_map(|piece| [(piece.rect.x0.max(from), 1), (piece.rect.x1.min(to), -1)])
        .collect();
    events.push((to, 0));
    events.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let (mut covered, mut at) = (0, from);
    let mut best = (i32::MAX, 0.0, gutter);
    for (x, change) in events {
        let width = x - at;
        if width > 0.5 && (covered < best.0 || (covered == best.0 && width > best.1)) {
            best = (covered, width, (at, x));
        }
        covered += change;
        at = x;
    }
    best.2
}

/// Groups printed lines into rows: a line that continues the cells above it is no row of its own.
fn bands<'a, 'b>(printed: &'b [Row<'a>], edges: &[f32], rules: &[Rect], height: f32) -> Vec<Band<'a, 'b>> {
    let mut out: Vec<Band<'a, 'b>> = Vec::new();
    let step = row_step(printed, edges);
    for row in printed {
        let goes_on = out.last().is_some_and(|band| {
            continues(band, row, edges, rules, height) || wraps(band, row, edges, rules, height, step)
        });
        match out.last_mut() {
            Some(band) if goes_on => band.push(row),
            _ => out.push(vec![row]),
        }
    }
    out
}

/// The usual step down to a printed line with a label and more, which begins a row; infinitely small where there are
/// too few to tell.
fn row_step(printed: &[Row<'_>], edges: &[f32]) -> f32 {
    let mut steps: Vec<f32> = printed
        .windows(2)
        .filter(|pair| {
            let columns = columns(&pair[1], edges);
            columns.contains(&1) && columns.len() > 1
        })
        .map(|pair| pair[1].rect.center().y - pair[0].rect.center().y)
        .collect();
    steps.sort_unstable_by(f32::total_cmp);
    if steps.len() < 2 { f32::NEG_INFINITY } else { steps[steps.len() / 2] }
}

/// The columns that the pieces of a row stand in, the first one being 1.
fn columns(row: &Row<'_>, edges: &[f32]) -> Vec<usize> {
    row.pieces.iter().map(|piece| edges.partition_point(|edge| *edge <= piece.rect.center().x)).collect()
}

/// Whether `row` is more of the label in the first column: in the middle of a phrase, and closer to the line above it than
/// rows are to each other, or right below it.
fn wraps(band: &Band<'_, '_>, row: &Row<'_>, edges: &[f32], rules: &[Rect], height: f32, usual: f32) -> bool {
    let (Some(first), Some(above)) = (band.first(), band.last()) else { return false };
    let step = row.rect.center().y - above.rect.center().y;
    let labelled = columns(first, edges);
    let alone = columns(row, edges).iter().all(|column| *column == 1);
    let begins = row.pieces.first().and_then(|piece| piece.words.first()).map_or("", |word| word.text);
    let amid = begins.starts_with(|c: char| c.is_lowercase() || c == '(');
    let close = step < usual - 0.25 * height || row.rect.y0 - above.rect.y1 < 0.6 * height;
    alone && amid && close && labelled.len() > 1 && labelled.contains(&1) && !is_ruled(rules, above, row)
}

fn is_ruled(rules: &[Rect], above: &Row<'_>, row: &Row<'_>) -> bool {
    rules.iter().any(|rule| (above.rect.center().y..row.rect.center().y).contains(&rule.center().y))
}

fn continues(band: &Band<'_, '_>, row: &Row<'_>, edges: &[f32], rules: &[Rect], height: f32) -> bool {
    let Some(above) = band.last() else { return false };
    let gap = row.rect.y0 - above.rect.y1;
    if is_ruled(rules, above, row) || gap > 0.6 * height {
        return false;
    }
    let before: Vec<usize> = band.iter().flat_map(|row| columns(row, edges)).collect();
    let here = columns(row, edges);
    let figures = row.pieces.iter().any(|piece| piece.is_numeric());
    // Only columns that have something above, not the first one, and no figures of its own.
    !figures
        && !here.contains(&1)
        && here.len() < edges.len() - 1
        && here.iter().all(|column| before.contains(column))
}

/// The cells of a row; a piece that crosses a gutter spans columns.
fn cells(band: &Band<'_, '_>, edges: &[f32], bottom: f32) -> Vec<StructureCell> {
    let top = top(band);
    let columns = edges.len() - 1;
    let mut end_of: Vec<usize> = (1..=columns).collect();
    for piece in band.iter().flat_map(|row| &row.pieces) {
        let first = edges.partition_point(|edge| *edge <= piece.rect.x0).clamp(1, columns) - 1;
        let last = edges.partition_point(|edge| *edge < piece.rect.x1).clamp(1, columns);
        end_of[first] = end_of[first].max(last);
    }
    let mut out = Vec::new();
    let mut column = 0;
    while column < columns {
        // Spans that meet become one.
        let mut end = end_of[column];
        let mut at = column;
        while at < end {
            end = end.max(end_of[at]);
            at += 1;
        }
        let rect = Rect::new(edges[column], top, edges[end], bottom);
        out.push(StructureCell { row: 0, column: 0, row_span: 1, column_span: 1, rect });
        column = end;
    }
    out
}

/// Whether a block of printed lines reads like prose, code or a contents page rather than a table.
pub(super) fn is_prose(printed: &[Row<'_>], items: &[Item<'_>], params: &TableParams) -> bool {
    let pieces: usize = printed.iter().map(|row| row.pieces.len()).sum();
    let words: usize = items.len();
    let code = items.iter().filter(|item| item.monospace).count();
    let leaders = items.iter().filter(|item| item.text.chars().all(|c| c == '.')).count();
    words as f32 > params.words_per_cell * pieces as f32 || 2 * code > words || leaders * 2 > printed.len()
}
