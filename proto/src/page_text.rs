//! What a render child says about a page beside its pixels: characters, fonts,
//! images and ruling lines, all in page pixels.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::geometry::Rect;

/// The text record of one page.
///
/// Everything in it comes from a sandboxed child that has read a hostile file:
/// counts are capped, values may be nonsense, and nobody indexes by them unchecked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageText {
    /// Characters in the order the file draws them (pdfium's order), generated spaces and line ends included.
    pub chars: Vec<TextChar>,
    /// Fonts that [`TextChar::font`] points into.
    pub fonts: Vec<Font>,
    /// Boxes of the bitmap images drawn on the page.
    pub images: Vec<Rect>,
    /// Straight horizontal and vertical strokes and thin filled boxes: table rulings, underlines, frames.
    pub rulings: Vec<Rect>,
    /// Whether anything other than text and images (paths, shadings) is drawn besides the rulings.
    pub has_graphics: bool,
    /// Entries of the document's outline that lead to the page.
    pub bookmarks: Vec<Bookmark>,
    /// Whether a cap cut the lists short.
    pub truncated: bool,
}

/// An entry of the outline that a document brings along.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bookmark {
    /// Level, 1 outermost.
    pub level: u8,
    /// Its text.
    pub title: String,
}

/// One character of the text layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TextChar {
    /// The Unicode scalar value; `\u{fffd}` where the file gives none.
    pub unicode: char,
    /// The character's tight or loose box as pdfium reports it.
    pub rect: Rect,
    /// Index into [`PageText::fonts`].
    pub font: u16,
    /// Font size in points, as drawn (the text matrix applied).
    pub size: f32,
    /// Direction of the text, clockwise degrees from left-to-right, 0 to 360.
    pub angle: f32,
    /// Space or line end that pdfium inferred: not in the file.
    pub generated: bool,
    /// Hyphen that pdfium holds for a line-end hyphenation.
    pub hyphen: bool,
    /// The font has no usable Unicode map for this character.
    pub unmapped: bool,
    /// Drawn invisibly (text render mode 3): an earlier OCR layer.
    pub invisible: bool,
}

/// A font as the file names it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Font {
    /// Base font name, subset prefix removed.
    pub name: String,
    /// Weight, 400 regular, 700 bold; 0 when unknown.
    pub weight: u16,
    /// Slanted.
    pub italic: bool,
    /// All characters have one width.
    pub monospace: bool,
}
