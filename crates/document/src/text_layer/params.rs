//! Thresholds of the line builder, in em (the font size as drawn) unless said otherwise.

/// Where words and lines begin and end.
#[derive(Clone, Debug, PartialEq)]
pub struct LineParams {
    /// A wider gap without a space character still separates words. Default 0.3.
    pub word_gap: f32,
    /// A wider gap where pdfium inferred a space separates lines: columns, table cells. Default 1.5.
    pub line_gap: f32,
    /// The same where the file itself has a space: justified lines stretch those. Default 3.
    pub justified_gap: f32,
    /// Pieces of a line that the file draws out of order are joined over gaps up to this. Default 0.5,
    /// which is less than the gutter of any two columns.
    pub join_gap: f32,
    /// How far a character may step back and still belong to the line: accents, stacked scripts. Default 1.
    pub step_back: f32,
    /// How far the middle of a character may be above or below its neighbour's: superscripts. Default 0.7.
    pub raised: f32,
    /// The same character again within this distance is the same character printed twice. Default 0.12.
    pub printed_twice: f32,
}

impl Default for LineParams {
    fn default() -> Self {
        Self {
            word_gap: 0.3,
            line_gap: 1.5,
            justified_gap: 3.0,
            join_gap: 0.5,
            step_back: 1.0,
            raised: 0.7,
            printed_twice: 0.12,
        }
    }
}
