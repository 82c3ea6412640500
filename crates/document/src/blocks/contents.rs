//! Contents pages: the page numbers at the right edge and the section numbers at the left one belong to
//! the titles on their lines.
//!
//! A detector seldom sees the dots between the two, and a column of numbers would be read by itself.

use super::Row;

/// As many numbers make a column of page numbers.
const LEAST: usize = 4;
/// How far the right edges of page numbers may be apart, in relation to their size.
const FLUSH: f32 = 0.8;

/// Joins each page number with the title left of it, and each section number with such a title right of it.
pub(crate) fn join_pages(rows: Vec<Row>) -> Vec<Row> {
    let entries = entries(&rows);
    let sections: Vec<(usize, usize)> =
        entries.iter().filter_map(|&(title, _)| Some((section_of(&rows, title)?, title))).collect();
    let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
    for (left, right) in entries.into_iter().chain(sections) {
        let right = rows[right].take();
        match (&mut rows[left], right) {
            (Some(left), Some(right)) => left.append(right),
            (_, right) => rows.extend(right.map(Some)),
        }
    }
    rows.into_iter().flatten().collect()
}

/// Titles with the page numbers on their lines.
fn entries(rows: &[Row]) -> Vec<(usize, usize)> {
    let mut entries: Vec<(usize, usize)> = Vec::new();
    for column in columns(rows).iter().filter(|column| counts_up(rows, column)) {
        let titled: Vec<(usize, usize)> =
            column.iter().filter_map(|&page| Some((title_of(rows, page)?, page))).collect();
        if titled.len() >= LEAST && 5 * titled.len() >= 4 * column.len() {
            entries.extend(titled);
        }
    }
    entries
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
    let nearest = left_of(rows, page)?;
    rows[nearest].text().chars().any(char::is_alphabetic).then_some(nearest)
}

/// The row that ends next left of row `at` on its line.
fn left_of(rows: &[Row], at: usize) -> Option<usize> {
    let own = &rows[at];
    let left = (0..rows.len())
        .filter(|&other| other != at && rows[other].rect.x1 <= own.rect.x0 && rows[other].level_with(own));
    left.max_by(|&a, &b| rows[a].rect.x1.total_cmp(&rows[b].rect.x1))
}

/// The row next left of `title` on its line, if it is the number of a section.
fn section_of(rows: &[Row], title: usize) -> Option<usize> {
    let nearest = left_of(rows, title)?;
    is_section(rows[nearest].text()).then_some(nearest)
}

/// `4`, `4.1.2`, `A.3` or `IV.`
fn is_section(text: &str) -> bool {
    let mut parts = text.trim().trim_end_matches('.').split('.');
    let short = |part: &str| (1..=4).contains(&part.len());
    let roman = |part: &str| part.bytes().all(|byte| b"IVXL".contains(&byte));
    let digits = |part: &str| short(part) && part.bytes().all(|byte| byte.is_ascii_digit());
    let lead = |part: &str| {
        digits(part)
            || part.len() == 1 && part.bytes().all(|byte| byte.is_ascii_uppercase())
            || short(part) && roman(part)
    };
    parts.next().is_some_and(lead) && parts.all(digits)
}
