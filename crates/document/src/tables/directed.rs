//! Tables in either direction: on a page that is read from right to left all is looked at in the mirror, so that the
//! first column is the rightmost.

use quire_proto::{Rect, Region, record::Line, table::TableStructure};

use super::{TableParams, choose, find as search};
use crate::{bidi::Direction, mirror::Mirror};

/// Boxes of tables in no table or figure region yet: drawn grids first, then boxes of facts, then aligned columns.
///
/// A grid with words in its cells that makes up most of a figure region is a table nevertheless.
pub fn find(lines: &[Line], rulings: &[Rect], regions: &[Region], params: &TableParams) -> Vec<Rect> {
    if !Direction::of_lines(lines).is_rtl() {
        return search::find(lines, rulings, regions, params);
    }
    let mirror = Mirror::page(0.0);
    let (rulings, regions) = (mirror.rects(rulings), mirror.regions(regions));
    mirror.rects(&search::find(&mirror.lines(lines.to_vec()), &rulings, &regions, params))
}

/// The best structure for the table in `region`; `None` when nothing there looks like rows and columns.
///
/// `lines` are all lines of the page: most of their letters say from which side the columns count. `network` is what a
/// network says about the picture, with columns from left to right.
///
/// A drawn grid that its words respect is the truth, except the boxes of a form, which are no table. Otherwise the
/// network's structure competes with the alignment of the words: the one that fewer words contradict wins. Where no
/// printed line has two pieces apart there is neither: the layout model took a paragraph or a list for a table. Nor is
/// there one when the best structure cuts through too many words: text that is read line by line says more than cells
/// that nobody filled so.
pub fn structure(
    region: &Rect,
    rulings: &[Rect],
    lines: &[Line],
    network: Option<&TableStructure>,
    params: &TableParams,
) -> Option<TableStructure> {
    if !Direction::of_lines(lines).is_rtl() {
        return choose::structure(region, rulings, lines, network, params);
    }
    let mirror = Mirror::page(0.0);
    let network = network.map(|network| mirror.structure(network));
    let (region, rulings, lines) = (mirror.rect(region), mirror.rects(rulings), mirror.lines(lines.to_vec()));
    let mut found = choose::structure(&region, &rulings, &lines, network.as_ref(), params)?;
    found.cells.iter_mut().for_each(|cell| cell.rect = mirror.rect(&cell.rect));
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::{super::fill, *};
    use crate::tables::tests::{around, line};

    /// Stations, water and days, the first column on the right.
    fn page() -> Vec<Line> {
        let row = |(at, cells): (usize, &[&str; 3])| {
            let y = 110.0 + 40.0 * at as f32;
            [(510.0, cells[0]), (310.0, cells[1]), (110.0, cells[2])].map(|(x, text)| line(text, x, y))
        };
        let rows = [
            ["תחנה", "מים", "יום"],
            ["עליונה", "317", "ראשון"],
            ["תחתונה", "211", "שני"],
            ["ישנה", "98", "שלישי"],
        ];
        rows.iter().enumerate().flat_map(row).collect()
    }

    fn first_row(structure: &TableStructure) -> Vec<String> {
        let (table, left) = fill(structure, page());
        assert!(left.is_empty());
        let cells = table.cells.iter().filter(|cell| cell.row == 0);
        cells.map(|cell| cell.lines.iter().map(|line| line.text.as_str()).collect()).collect()
    }

    #[test]
    fn the_first_column_of_a_hebrew_table_is_the_rightmost() {
        let (lines, params) = (page(), TableParams::default());

        let structure = structure(&around(&lines), &[], &lines, None, &params).expect("a table");

        assert_eq!(first_row(&structure), ["תחנה", "מים", "יום"]);
        assert_eq!((structure.rows, structure.columns, structure.header_rows), (4, 3, 1));
        assert!(structure.cells[0].rect.x0 > structure.cells[1].rect.x0);
    }

    #[test]
    fn a_hebrew_table_is_found_where_it_is() {
        let lines = page();

        let found = find(&lines, &[], &[], &TableParams::default());

        assert_eq!(found.len(), 1);
        assert!(lines.iter().all(|line| found[0].contains(line.rect.center())));
    }
}
