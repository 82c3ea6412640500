//! Triage: how the text of a page is obtained, decided per page before any model runs.
//!
//! ```text
//!  nothing drawn ──▶ blank        no, garbled or sparse text layer ──▶ ocr
//!  clean text layer ──▶ text      clean text layer and images that may hold text ──▶ mixed
//! ```
//!
//! What must stay true: in automatic mode a page whose text layer cannot be trusted is read by its picture.

mod border;
mod images;
mod ink;
mod params;
mod statistics;

use quire_proto::{
    Rect,
    page_text::PageText,
    profile::TextMode as Mode,
    record::{ModeReason, PageMode},
};

pub use border::Border;
pub use ink::has_ink;
pub use params::TriageParams;
use statistics::Statistics;

/// What the page comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page of a PDF, which may have a text layer.
    Pdf,
    /// A picture, which has none.
    Image,
}

/// What is known about a page before it is read.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// Its text layer; empty for images.
    pub text: &'a PageText,
    /// Width of its image in pixels.
    pub width: f32,
    /// Height of its image in pixels.
    pub height: f32,
    /// What it comes from.
    pub kind: Kind,
    /// Its image is of one colour; see [`has_ink`].
    pub blank: bool,
}

/// How to read a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// How the text is obtained.
    pub mode: PageMode,
    /// Why this way.
    pub reason: ModeReason,
    /// Images to recognise on a mixed page; empty in the other modes.
    pub ocr_regions: Vec<Rect>,
    /// The text layer is, for the most part, the invisible output of an earlier recognition.
    pub earlier_ocr: bool,
}

/// Decides how to read a page.
pub fn decide(page: &Evidence<'_>, mode: Mode, params: &TriageParams) -> Decision {
    let statistics = Statistics::of(page);
    let earlier_ocr = statistics.visible > 0 && 2 * statistics.invisible > statistics.visible;
    let decision = |mode, reason| Decision { mode, reason, ocr_regions: Vec::new(), earlier_ocr };
    if page.blank && statistics.visible == 0 {
        return decision(PageMode::Blank, ModeReason::NothingDrawn);
    }
    match (mode, page.kind) {
        (Mode::Skip, _) => decision(PageMode::Text, ModeReason::Skipped),
        (Mode::Force, _) => decision(PageMode::Ocr, ModeReason::Forced),
        (Mode::Auto, Kind::Image) => decision(PageMode::Ocr, ModeReason::ImageInput),
        (Mode::Auto, Kind::Pdf) => match distrust(page, &statistics, params) {
            Some(reason) => decision(PageMode::Ocr, reason),
            None => {
                let ocr_regions = images::with_text(page, params);
                let (mode, reason) = match ocr_regions.is_empty() {
                    true => (PageMode::Text, ModeReason::CleanTextLayer),
                    false => (PageMode::Mixed, ModeReason::ImageRegions),
                };
                Decision { mode, reason, ocr_regions, earlier_ocr }
            }
        },
    }
}

/// Why the text layer is not enough, if it is not.
fn distrust(page: &Evidence<'_>, statistics: &Statistics, params: &TriageParams) -> Option<ModeReason> {
    if statistics.visible == 0 {
        Some(ModeReason::NoTextLayer)
    } else if statistics.is_garbled(params) {
        Some(ModeReason::GarbledTextLayer)
    } else if statistics.visible < params.sparse_chars && images::scan_behind(page, params) {
        Some(ModeReason::SparseTextLayer)
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
