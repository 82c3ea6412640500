//! How a page is read, decided before any network looks at it.

use std::sync::Arc;

use quire_document::{
    faint,
    triage::{self, Border, Decision},
};
use quire_proto::{profile::TextMode, record::PageMode};
use quire_raster::Raster;
use quire_render::{DocumentKind, RenderedPage};

use super::{PageStop, PageTask, ReaderParams, reader::PageReader};

/// A page, and how it is read.
pub(super) struct Triaged {
    /// The page; if it is read from its image, that is without the dark border of the scan and has full contrast.
    pub(super) page: RenderedPage,
    pub(super) decision: Decision,
    /// That border.
    pub(super) border: Option<Arc<Border>>,
    /// The page was faint.
    pub(super) stretched: bool,
}

impl PageReader {
    /// Decides how to read `page`.
    pub(super) async fn triage(&self, task: &PageTask, page: RenderedPage) -> Result<Triaged, PageStop> {
        let (mode, params) = (task.options.mode, self.params().clone());
        Ok(self.cpu().run("triage", move || with_contrast(triaged(page, mode, &params), &params)).await?)
    }
}

fn triaged(page: RenderedPage, mode: TextMode, params: &ReaderParams) -> Triaged {
    let decision = decide(&page, &page.raster, mode, params);
    let border = match decision.mode {
        PageMode::Ocr => Border::find(&page.raster),
        PageMode::Text | PageMode::Mixed | PageMode::Blank => None,
    };
    let Some(border) = border else { return Triaged { page, decision, border: None, stretched: false } };
    let raster = border.erased(&page.raster);
    // Nothing may be left without the border.
    let decision = decide(&page, &raster, mode, params);
    Triaged {
        page: RenderedPage { raster, ..page },
        decision,
        border: Some(Arc::new(border)),
        stretched: false,
    }
}

/// The same with the contrast of a faint page that is read from its image stretched.
fn with_contrast(triaged: Triaged, params: &ReaderParams) -> Triaged {
    let faint = || faint::stretched(&triaged.page.raster, &params.faint);
    match if triaged.decision.mode == PageMode::Ocr { faint() } else { None } {
        Some(raster) => Triaged { page: RenderedPage { raster, ..triaged.page }, stretched: true, ..triaged },
        None => triaged,
    }
}

/// How to read `page` if its image is `raster`.
fn decide(page: &RenderedPage, raster: &Raster, mode: TextMode, params: &ReaderParams) -> Decision {
    let evidence = triage::Evidence {
        text: &page.text,
        width: page.size.width_px as f32,
        height: page.size.height_px as f32,
        kind: match page.kind {
            DocumentKind::Image => triage::Kind::Image,
            DocumentKind::Pdf => triage::Kind::Pdf,
        },
        blank: !triage::has_ink(raster),
    };
    triage::decide(&evidence, mode, &params.triage)
}
