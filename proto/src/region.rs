//! Regions that the layout model finds on a page.

use serde::{Deserialize, Serialize};

use crate::geometry::Rect;

/// What a region holds; the manifest maps each model's labels to these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionKind {
    /// Running text.
    Text,
    /// A title or heading.
    Title,
    /// A picture, chart or drawing.
    Figure,
    /// The caption of a figure.
    FigureCaption,
    /// A table.
    Table,
    /// The caption of a table.
    TableCaption,
    /// A running header.
    Header,
    /// A running footer.
    Footer,
    /// A bibliography entry or list.
    Reference,
    /// A display formula.
    Formula,
}

/// One region with its score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Region {
    /// What it holds.
    pub kind: RegionKind,
    /// Where it is, in page pixels.
    pub rect: Rect,
    /// The model's score, 0 to 1.
    pub score: f32,
}
