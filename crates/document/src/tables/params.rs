//! Thresholds of the table code. Lengths are in multiples of the usual line height.

/// When strokes are one ruling, gaps are columns and rows are a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableParams {
    /// Rulings closer than this are one (double rules). Default 0.45.
    pub same_rule: f32,
    /// Share of a cell's side that a ruling must cover to close it. Default 0.5.
    pub closes: f32,
    /// Gap between words of one line that may separate columns. Default 0.75.
    pub column_gap: f32,
    /// The same between two figures, which are not set with wide spaces for nothing. Default 0.45.
    pub figure_gap: f32,
    /// Gap between words of a heading that separates it where a gutter is anyway. Default 0.35.
    pub heading_gap: f32,
    /// Share of the rows that may cross a gap between columns (headings that span). Default 0.2.
    pub crossing: f32,
    /// Fewest rows of an unruled table. Default 3.
    pub least_rows: usize,
    /// Fewest facts, each a bold label and a value, of a box of facts. Default 5.
    pub least_facts: usize,
    /// Most words per cell, on average, of an unruled table; more is prose. Default 4.5.
    pub words_per_cell: f32,
    /// Share of words that may cross the lines of a grid before it is not believed. Default 0.1.
    pub conflicts: f32,
    /// Share of words that may cross the cells of the best structure there is; with more the table stays text. Default 0.4.
    pub scrambled: f32,
    /// Share of a figure that a grid must take for the figure to be a table. Default 0.6.
    pub table_in_figure: f32,
    /// Rows that a cell reaches over at least …
    pub form_row_span: u32,
    /// … for more than this share of the words to stand in such cells only on a form. Defaults 3 and 0.45.
    pub form_words: f32,
    /// Strokes looked at, longest first; more are a drawing. Default 4000.
    pub most_rulings: usize,
}

impl Default for TableParams {
    fn default() -> Self {
        Self {
            same_rule: 0.45,
            closes: 0.5,
            column_gap: 0.75,
            figure_gap: 0.45,
            heading_gap: 0.35,
            crossing: 0.2,
            least_rows: 3,
            least_facts: 5,
            words_per_cell: 4.5,
            conflicts: 0.1,
            scrambled: 0.4,
            table_in_figure: 0.6,
            form_row_span: 3,
            form_words: 0.45,
            most_rulings: 4000,
        }
    }
}
