//! What a pool gives for a page.

use quire_proto::{page_text::PageText, record::PageSize};
use quire_raster::Raster;

use crate::wire::DocumentKind;

/// How to render a page.
#[derive(Clone, Copy, Debug)]
pub struct RenderOptions {
    /// Pixels per inch of a PDF page. Images come at their own resolution.
    pub dpi: f32,
}

impl Default for RenderOptions {
    /// 200 dpi: text of 6 points is still 17 pixels high.
    fn default() -> Self {
        Self { dpi: 200.0 }
    }
}

/// A page: its picture and its text layer.
#[derive(Clone, Debug)]
pub struct RenderedPage {
    /// Size of the page as displayed, and of its image.
    pub size: PageSize,
    /// The picture, in memory shared with the child that drew it.
    pub raster: Raster,
    /// The text layer, in pixels of the picture; empty for images.
    pub text: PageText,
    /// What the document is.
    pub kind: DocumentKind,
    /// The page exceeded the pixel cap and was rendered smaller.
    pub rendered_smaller: bool,
    /// The first attempt failed.
    pub retried: bool,
    /// Time from the start of the first attempt, waiting for a free child not included.
    pub milliseconds: u64,
}
