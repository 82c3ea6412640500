//! What holds for any table: no word is lost, none is doubled, and no figure moves to another cell.

use proptest::prelude::*;
use quire_proto::{
    Rect,
    record::{Line, Word},
    table::{StructureCell, TableStructure},
};

use super::{
    TableParams, fill, find, structure,
    tests::{around, horizontal, line, rows_of, vertical},
};

/// A table of figures: how wide its columns are, whether they are flush right, and what stands in its rows.
#[derive(Clone, Debug)]
struct Figures {
    widths: Vec<f32>,
    flush_right: bool,
    rows: Vec<Vec<u32>>,
}

fn any_figures() -> impl Strategy<Value = Figures> {
    (2..6usize, 3..8usize, any::<bool>()).prop_flat_map(|(columns, rows, flush_right)| {
        let widths = prop::collection::vec(80.0..200.0_f32, columns);
        let row = prop::collection::vec(0..100_000u32, columns);
        let rows = prop::collection::vec(row, rows);
        (widths, rows).prop_map(move |(widths, rows)| Figures { widths, flush_right, rows })
    })
}

impl Figures {
    fn lefts(&self) -> Vec<f32> {
        let add = |x: &mut f32, width: &f32| Some(std::mem::replace(x, *x + width));
        self.widths.iter().scan(100.0, add).collect()
    }

    fn lines(&self) -> Vec<Line> {
        let lefts = self.lefts();
        let cell = |row: usize, column: usize| {
            let text = self.rows[row][column].to_string();
            let room = self.widths[column] - 30.0 - 10.0 * text.len() as f32;
            let x = lefts[column] + 15.0 + if self.flush_right { room.max(0.0) } else { 0.0 };
            line(&text, x, 110.0 + 40.0 * row as f32)
        };
        (0..self.rows.len())
            .flat_map(|row| (0..lefts.len()).map(move |column| (row, column)))
            .map(|(row, column)| cell(row, column))
            .collect()
    }

    fn rulings(&self) -> Vec<Rect> {
        let lefts = self.lefts();
        let right =
            lefts.last().copied().unwrap_or_default() + self.widths.last().copied().unwrap_or_default();
        let bottom = 100.0 + 40.0 * self.rows.len() as f32;
        let across = (0..=self.rows.len()).map(|row| horizontal(100.0 + 40.0 * row as f32, 100.0, right));
        let down = lefts.iter().copied().chain([right]).map(|x| vertical(x, 100.0, bottom));
        across.chain(down).collect()
    }

    /// What the table code makes of it, row by row; `None` when it sees no table.
    fn read(&self, rulings: &[Rect]) -> Option<(Vec<Vec<String>>, Vec<Line>)> {
        let lines = self.lines();
        let found = structure(&around(&lines), rulings, &lines, None, &TableParams::default())?;
        let (table, leftover) = fill(&found, lines);
        Some((rows_of(&table), leftover))
    }
}

fn any_rect() -> impl Strategy<Value = Rect> {
    let edge = || prop_oneof![9 => -10.0..400.0_f32, 1 => prop::sample::select(vec![f32::NAN, f32::MAX, f32::INFINITY])];
    (edge(), edge(), edge(), edge()).prop_map(|(x0, y0, x1, y1)| Rect { x0, y0, x1, y1 })
}

proptest! {
    #[test]
    fn figures_stay_in_their_cells_with_rulings_and_without(figures in any_figures()) {
        let printed: Vec<Vec<String>> =
            figures.rows.iter().map(|row| row.iter().map(u32::to_string).collect()).collect();

        let ruled = figures.read(&figures.rulings());
        let aligned = figures.read(&[]);

        prop_assert_eq!(ruled, Some((printed.clone(), Vec::new())));
        prop_assert_eq!(aligned, Some((printed, Vec::new())));
    }

    #[test]
    fn no_word_is_lost_or_doubled(
        boxes in prop::collection::vec(prop::collection::vec(any_rect(), 0..5), 0..12),
        cells in prop::collection::vec(any_rect(), 0..12),
        rulings in prop::collection::vec(any_rect(), 0..30),
    ) {
        let mut names = (0..).map(|n: u32| format!("w{n}"));
        let lines: Vec<Line> = boxes.into_iter().map(|boxes| {
            let words: Vec<Word> =
                boxes.into_iter().map(|rect| Word { text: names.next().unwrap_or_default(), rect, ..Word::default() }).collect();
            Line { rect: words.first().map(|word| word.rect).unwrap_or_default(), words, ..Line::default() }
        }).collect();
        let words = |lines: &[Line]| lines.iter().flat_map(|line| &line.words).map(|word| word.text.clone()).collect::<Vec<_>>();
        let mut expected = words(&lines);
        let cells = cells.into_iter().enumerate().map(|(at, rect)| StructureCell {
            row: at as u32, column: 0, row_span: 1, column_span: 1, rect,
        }).collect::<Vec<_>>();
        let network = TableStructure { rows: cells.len() as u32, columns: 2, header_rows: 0, cells, score: 0.5 };
        let region = Rect::new(0.0, 0.0, 400.0, 400.0);
        let params = TableParams::default();

        let _found = find(&lines, &rulings, &[], &params);
        let best = structure(&region, &rulings, &lines, Some(&network), &params).unwrap_or(network);
        let (table, leftover) = fill(&best, lines);

        let mut got: Vec<String> = table.cells.iter().flat_map(|cell| words(&cell.lines)).collect();
        got.extend(words(&leftover));
        got.sort();
        expected.sort();
        prop_assert_eq!(got, expected);
    }
}
