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
    /// The number beside a display formula.
    FormulaNumber,
    /// An item of a list.
    ListItem,
    /// A table of contents or an index.
    Contents,
    /// A listing of a program or algorithm.
    Code,
    /// A note at the foot of the page.
    Footnote,
    /// The number of the page.
    PageNumber,
    /// Text beside the text: a marginal note, a sidebar.
    Aside,
    /// A stamp or seal.
    Stamp,
    /// A signature.
    Signature,
    /// Writing by hand.
    Handwriting,
    /// Nothing that says how its text is read: a form, a box to tick, a formula within a line.
    Other,
}

impl RegionKind {
    /// Whether it is kept as a picture even where it holds text.
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Figure | Self::Stamp | Self::Signature)
    }
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
