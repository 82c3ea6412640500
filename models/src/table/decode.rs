//! The network's tokens into a grid.

use quire_proto::{Rect, table::TableStructure};

use super::{TableParams, TableStep, Vocabulary, grid::Grid, vocabulary::Token};

/// Reads what the network wrote about the table inside `crop` (page pixels).
///
/// Never fails: tokens that make no sense change nothing, spans are cut to the grid.
pub fn decode(
    steps: &[TableStep],
    vocabulary: &Vocabulary,
    crop: &Rect,
    params: &TableParams,
) -> TableStructure {
    let mut reader = Reader { crop: *crop, params: *params, ..Reader::default() };
    let mut probabilities = Vec::with_capacity(steps.len());
    for step in steps {
        let token = vocabulary.token(step.token);
        if token == Token::End {
            break;
        }
        probabilities.push(step.probability);
        reader.read(token, step.area);
    }
    reader.finish(&probabilities)
}

/// Where reading stands.
#[derive(Default)]
struct Reader {
    crop: Rect,
    params: TableParams,
    grid: Grid,
    /// Row that cells go into, and whether it holds any.
    row: u32,
    row_used: bool,
    in_head: bool,
    header_rows: u32,
    /// A cell whose spans are being read.
    open: Option<OpenCell>,
}

struct OpenCell {
    spans: (u32, u32),
    area: Rect,
}

impl Reader {
    fn read(&mut self, token: Token, area: Rect) {
        match token {
            Token::HeadStart => self.in_head = true,
            Token::HeadEnd => {
                self.end_row(false);
                self.in_head = false;
            }
            Token::RowStart => self.end_row(false),
            // A row without cells of its own is a row when cells from above reach into it.
            Token::RowEnd => self.end_row(self.grid.reaches(self.row)),
            Token::Cell => {
                self.close_cell();
                self.open = Some(OpenCell { spans: (1, 1), area });
                self.close_cell();
            }
            Token::CellStart => {
                self.close_cell();
                self.open = Some(OpenCell { spans: (1, 1), area });
            }
            Token::ColumnSpan(columns) => self.span(|spans| spans.1 = columns),
            Token::RowSpan(rows) => self.span(|spans| spans.0 = rows),
            Token::CellOpen => self.close_cell(),
            Token::End | Token::Other => {}
        }
    }

    fn span(&mut self, set: impl FnOnce(&mut (u32, u32))) {
        if let Some(open) = &mut self.open {
            set(&mut open.spans);
        }
    }

    fn close_cell(&mut self) {
        let Some(cell) = self.open.take() else { return };
        if self.row >= self.params.max_rows {
            return;
        }
        let rect = self.on_page(&cell.area);
        let limits = (self.params.max_rows, self.params.max_columns);
        self.row_used |= self.grid.place(self.row, cell.spans, rect, limits);
    }

    fn end_row(&mut self, even_if_empty: bool) {
        self.close_cell();
        if std::mem::take(&mut self.row_used) || even_if_empty {
            self.row += 1;
            self.header_rows += u32::from(self.in_head);
        }
    }

    /// Shares of the network's square into page pixels: the crop's long side fills the square.
    fn on_page(&self, area: &Rect) -> Rect {
        let long = self.crop.width().max(self.crop.height());
        let inside = area.scaled(long).clamped(self.crop.width(), self.crop.height());
        Rect {
            x0: self.crop.x0 + inside.x0,
            y0: self.crop.y0 + inside.y0,
            x1: self.crop.x0 + inside.x1,
            y1: self.crop.y0 + inside.y1,
        }
    }

    fn finish(mut self, probabilities: &[f32]) -> TableStructure {
        self.end_row(false);
        let rows = self.row;
        let (cells, columns) = self.grid.finish(rows);
        let sum: f32 = probabilities.iter().sum();
        let score = if probabilities.is_empty() { 0.0 } else { sum / probabilities.len() as f32 };
        TableStructure {
            rows,
            columns,
            header_rows: self.header_rows.min(rows),
            cells,
            score: score.clamp(0.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const METADATA: &str = "<thead>\n</thead>\n<tbody>\n</tbody>\n<tr>\n</tr>\n<td\n>\n</td>\n colspan=\"2\"\n colspan=\"20\"\n rowspan=\"2\"\n rowspan=\"20\"\n<td></td>";

    fn read(html: &[&str]) -> TableStructure {
        let names: Vec<&str> = METADATA.lines().collect();
        let step = |name: &&str| TableStep {
            token: names.iter().position(|known| known == name).unwrap() as u32 + 1,
            probability: 1.0,
            area: Rect::new(0.1, 0.2, 0.3, 0.4),
        };
        let steps: Vec<_> = html.iter().map(step).collect();
        let crop = Rect::new(100.0, 50.0, 300.0, 150.0);
        decode(&steps, &Vocabulary::from_metadata(METADATA), &crop, &TableParams::default())
    }

    fn places(table: &TableStructure) -> Vec<[u32; 4]> {
        table.cells.iter().map(|cell| [cell.row, cell.column, cell.row_span, cell.column_span]).collect()
    }

    #[test]
    fn spans_push_the_cells_below_aside() {
        let table = read(&[
            "<thead>",
            "<tr>",
            "<td",
            " rowspan=\"2\"",
            ">",
            "</td>",
            "<td",
            " colspan=\"2\"",
            ">",
            "</td>",
            "</tr>",
            "</thead>",
            "<tbody>",
            "<tr>",
            "<td></td>",
            "<td></td>",
            "</tr>",
            "</tbody>",
        ]);

        assert_eq!((table.rows, table.columns, table.header_rows), (2, 3, 1));
        assert_eq!(places(&table), [[0, 0, 2, 1], [0, 1, 1, 2], [1, 1, 1, 1], [1, 2, 1, 1]]);
    }

    #[test]
    fn a_row_covered_from_above_counts() {
        let table = read(&[
            "<tr>",
            "<td",
            " rowspan=\"2\"",
            ">",
            "</td>",
            "</tr>",
            "<tr>",
            "</tr>",
            "<tr>",
            "<td></td>",
            "</tr>",
        ]);

        assert_eq!(places(&table), [[0, 0, 2, 1], [2, 0, 1, 1]]);
    }

    #[test]
    fn cells_lie_on_the_page_where_the_crop_was() {
        let table = read(&["<tr>", "<td></td>", "</tr>"]);

        assert_eq!(<[f32; 4]>::from(table.cells[0].rect), [120.0, 90.0, 160.0, 130.0]);
    }

    #[test]
    fn a_broken_off_table_keeps_its_complete_cells() {
        let table = read(&["<tr>", "<td></td>", "<td", " rowspan=\"20\""]);

        assert_eq!((table.rows, table.columns), (1, 2));
        assert_eq!(places(&table), [[0, 0, 1, 1], [0, 1, 1, 1]]);
    }

    #[test]
    fn no_tokens_make_no_table() {
        assert_eq!(read(&[]), TableStructure::default());
        assert_eq!(read(&["<tr>", "</tr>", "<tr>", "</tbody>"]).rows, 0);
    }

    proptest! {
        #[test]
        fn any_tokens_make_a_grid_without_overlaps(
            tokens in proptest::collection::vec((0_u32..18, -2.0_f32..2.0), 0..400)
        ) {
            let vocabulary = Vocabulary::from_metadata(METADATA);
            let steps: Vec<_> = tokens
                .iter()
                .map(|&(token, at)| TableStep { token, probability: 0.5, area: Rect::new(at, at, at + 0.5, at + 0.1) })
                .collect();
            let crop = Rect::new(10.0, 10.0, 110.0, 60.0);
            let params = TableParams { max_rows: 30, max_columns: 12, ..TableParams::default() };

            let table = decode(&steps, &vocabulary, &crop, &params);

            prop_assert!(table.rows <= 30 && table.columns <= 12 && table.header_rows <= table.rows);
            let mut taken = std::collections::HashSet::new();
            for cell in &table.cells {
                prop_assert!(cell.row + cell.row_span <= table.rows && cell.column + cell.column_span <= table.columns);
                prop_assert!(cell.rect.x0 >= crop.x0 && cell.rect.y1 <= crop.y1);
                for row in cell.row..cell.row + cell.row_span {
                    for column in cell.column..cell.column + cell.column_span {
                        prop_assert!(taken.insert((row, column)), "two cells at {row}, {column}");
                    }
                }
            }
        }
    }
}
