//! How a page is read, decided before any network looks at it.

use std::sync::Arc;

use quire_document::triage::{self, Border, Decision, TriageParams};
use quire_proto::{profile::TextMode, record::PageMode};
use quire_raster::Raster;
use quire_render::{DocumentKind, RenderedPage};

use super::{PageStop, PageTask, reader::PageReader};

/// A page, and how it is read.
pub(super) struct Triaged {
    /// The page; its image is without the dark border of the scan, if it is read from it.
    pub(super) page: RenderedPage,
    pub(super) decision: Decision,
    /// That border.
    pub(super) border: Option<Arc<Border>>,
}

impl PageReader {
    /// Decides how to read `page`.
    pub(super) async fn triage(&self, task: &PageTask, page: RenderedPage) -> Result<Triaged, PageStop> {
        let (mode, params) = (task.options.mode, self.params().triage.clone());
        Ok(self.cpu().run("triage", move || triaged(page, mode, &params)).await?)
    }
}

fn triaged(page: RenderedPage, mode: TextMode, params: &TriageParams) -> Triaged {
    let decision = decide(&page, &page.raster, mode, params);
    let border = match decision.mode {
        PageMode::Ocr => Border::find(&page.raster),
        PageMode::Text | PageMode::Mixed | PageMode::Blank => None,
    };
    let Some(border) = border else { return Triaged { page, decision, border: None } };
    let raster = border.erased(&page.raster);
    // Nothing may be left without the border.
    let decision = decide(&page, &raster, mode, params);
    Triaged { page: RenderedPage { raster, ..page }, decision, border: Some(Arc::new(border)) }
}

/// How to read `page` if its image is `raster`.
fn decide(page: &RenderedPage, raster: &Raster, mode: TextMode, params: &TriageParams) -> Decision {
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
    triage::decide(&evidence, mode, params)
}
