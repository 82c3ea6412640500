//! Contents pages of scans: the page numbers at the right edge belong to the titles on their lines.
//!
//! A detector seldom sees the dots between the two, and a column of numbers would be read by itself.

use super::Row;

/// As many numbers make a column of page numbers.
const LEAST: usize = 4;
/// How far the right edges of page numbers may be apart, in relation to their size.
const FLUSH: f32 = 0.8;

/// Joins each page number with the title left of it.
pub(crate) fn join_pages(rows: Vec<Row>) -> Vec<Row> {
    let columns = columns(&rows);
    let mut partners: Vec<(usize, usize)> = Vec::new();
    for column in columns.iter().filter(|column| counts_up(&rows, column)) {
        let titled: Vec<(usize, usize)> =
            column.iter().filter_map(|&page| Some((title_of(&rows, page)?, page))).collect();
        if titled.len() >= LEAST && 5 * titled.len() >= 4 * column.len() {
            partners.extend(titled);
        }
    }
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    for (title, page) in partners {
        let page = rows[page].take();
        match (&mut rows[title], page) {
            (Some(title), Some(page)) => title.append(page),
            (_, page) => rows.extend(page.map(Some)),
        }
    }
    rows.into_iter().flatten().collect()
}

/// Numbers whose right edges are flush, from top to bottom.
fn columns(rows: &[Row]) -> Vec<Vec<usize>> {
    let mut numbers: Vec<usize> = (0..rows.len()).filter(|&at| number(&rows[at]).is_some()).collect();
    numbers.sort_by(|&a, &b| rows[a].rect.x1.total_cmp(&rows[b].rect.x1));
    let mut columns: Vec<Vec<usize>> = Vec::new();
    for at in numbers {
        let flush = |last: &usize| rows[at].rect.x1 - rows[*last].rect.x1 < FLUSH * rows[at].size;
        match columns.last_mut() {
            Some(column) if column.last().is_some_and(flush) => column.push(at),
            _ => columns.push(vec![at]),
        }
    }
    for column in &mut columns {
        column.sort_by(|&a, &b| rows[a].rect.y0.total_cmp(&rows[b].rect.y0));
    }
    columns.retain(|column| column.len() >= LEAST);
    columns
}

fn number(row: &Row) -> Option<u32> {
    row.text().trim().trim_start_matches(['.', '…', ' ']).parse().ok()
}

/// Whether no number is smaller than the one above it, but for a reading error in five.
fn counts_up(rows: &[Row], column: &[usize]) -> bool {
    let falls = column.windows(2).filter(|pair| number(&rows[pair[0]]) > number(&rows[pair[1]])).count();
    5 * falls <= column.len()
}

/// The row with words that ends next left of `page` on its line.
fn title_of(rows: &[Row], page: usize) -> Option<usize> {
    let own = &rows[page];
    let left = (0..rows.len())
        .filter(|&at| at != page && rows[at].rect.x1 <= own.rect.x0 && rows[at].level_with(own));
    let nearest = left.max_by(|&a, &b| rows[a].rect.x1.total_cmp(&rows[b].rect.x1))?;
    rows[nearest].text().chars().any(char::is_alphabetic).then_some(nearest)
}
