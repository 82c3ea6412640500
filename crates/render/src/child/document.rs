//! A document as the child sees it: a PDF or an image, pages that can be drawn into shared memory.

use std::{fs::File, os::unix::fs::FileExt};

use memmap2::{Mmap, MmapMut};
use quire_proto::page_text::PageText;

use crate::{
    page_memory::{map_document, map_for_drawing},
    wire::{
        DocumentInfo, DocumentKind, MAX_SIDE, MAX_TEXT_BYTES, OpenRefusal, PageHeader, RenderRequest, Reply,
    },
};

use super::{
    arguments::Arguments,
    image::ImageDocument,
    misbehave::Misbehaviour,
    objects, page_text,
    pdfium::{self, Library, LoadError, Page},
    sandbox,
    transform::page_to_image,
};

/// Bookmarks of one page; more are left out.
const MAX_BOOKMARKS: usize = 1_000;

/// The document that is open.
pub(super) enum Document {
    Pdf(pdfium::Document),
    Image(ImageDocument),
}

/// What to draw, and into what.
pub(super) struct PageTarget {
    pub(super) memory: File,
    pub(super) request: RenderRequest,
    pub(super) misbehaviour: Option<Misbehaviour>,
}

impl Document {
    /// Opens what `file` holds.
    pub(super) fn open(
        library: Library,
        file: &File,
        password: Option<&str>,
        arguments: &Arguments,
    ) -> Result<Self, OpenRefusal> {
        let unreadable = |error: std::io::Error| OpenRefusal::Unreadable(error.to_string());
        let length = rustix::fs::fstat(file).map_err(|errno| unreadable(errno.into()))?.st_size;
        let length = usize::try_from(length).unwrap_or(0);
        if length == 0 {
            return Err(OpenRefusal::NotADocument);
        }
        sandbox::allow_document(arguments, length as u64);
        let bytes = map_document(file, length).map_err(unreadable)?;
        match ImageDocument::recognise(&bytes) {
            Some(format) => ImageDocument::open(bytes, format, arguments.address_space).map(Self::Image),
            None => open_pdf(library, bytes, password).map(Self::Pdf),
        }
    }

    pub(super) fn info(&self) -> DocumentInfo {
        match self {
            Self::Pdf(pdf) => DocumentInfo { pages: pdf.pages(), kind: DocumentKind::Pdf },
            Self::Image(image) => DocumentInfo { pages: image.pages(), kind: DocumentKind::Image },
        }
    }

    /// Draws a page.
    pub(super) fn render(&self, target: PageTarget) -> Reply {
        let page = target.request.page;
        if page >= self.info().pages {
            return Reply::PageRefused(format!("the document has no page {}", u64::from(page) + 1));
        }
        if let Some(misbehaviour) = target.misbehaviour {
            misbehaviour.before_page(page);
        }
        match self {
            Self::Pdf(pdf) => render_pdf(pdf, &target),
            Self::Image(image) => image.render(&target),
        }
    }
}

fn open_pdf(library: Library, bytes: Mmap, password: Option<&str>) -> Result<pdfium::Document, OpenRefusal> {
    // pdfium itself looks for the header in the first kilobyte.
    let is_pdf = bytes.iter().take(1024).copied().collect::<Vec<_>>().windows(5).any(|part| part == b"%PDF-");
    if password.is_some_and(|password| password.contains('\0')) {
        return Err(OpenRefusal::PasswordWrong);
    }
    let document = pdfium::Document::open(library, bytes, password).map_err(|error| match error {
        LoadError::NotPdf if !is_pdf => OpenRefusal::NotADocument,
        LoadError::NotPdf => OpenRefusal::Unreadable("its structure cannot be read".to_owned()),
        LoadError::Password if password.is_some() => OpenRefusal::PasswordWrong,
        LoadError::Password => OpenRefusal::PasswordRequired,
        LoadError::UnsupportedEncryption => OpenRefusal::Unreadable("unknown kind of encryption".to_owned()),
        LoadError::NoPages => OpenRefusal::NoPages,
        LoadError::Other(code) => OpenRefusal::Unreadable(format!("pdfium error {code}")),
    })?;
    if document.pages() == 0 { Err(OpenRefusal::NoPages) } else { Ok(document) }
}

fn render_pdf(document: &pdfium::Document, target: &PageTarget) -> Reply {
    let index = target.request.page;
    let refused = || Reply::PageRefused("the page is damaged beyond repair".to_owned());
    let Some(mut page) = document.page(index) else { return refused() };
    // What is written in form fields and notes becomes part of the page, so that the text layer has it.
    if page.has_text_in_annotations() && page.flatten() {
        drop(page);
        page = match document.page(index) {
            Some(page) => page,
            None => return refused(),
        };
    }
    let (width_pt, height_pt) = page.size_pt();
    let Some(plan) = Plan::new(width_pt, height_pt, &target.request) else { return refused() };
    let mut canvas = match target.canvas(plan.width, plan.height) {
        Ok(canvas) => canvas,
        Err(reply) => return reply,
    };
    if page.draw(&mut canvas, plan.width, plan.height).is_none() {
        return Reply::PageTooLarge("pdfium has no memory for the page image".to_owned());
    }
    let mut text = describe(&page, &plan);
    text.bookmarks = document.bookmarks(index).iter().take(MAX_BOOKMARKS).cloned().collect();
    let header = PageHeader {
        width_px: plan.width,
        height_px: plan.height,
        width_pt,
        height_pt,
        dpi: plan.dpi,
        rendered_smaller: plan.smaller,
        text_bytes: 0,
    };
    target.finish(canvas, header, &text)
}

/// The text record of a page; empty when pdfium cannot say where the page lies.
fn describe(page: &Page<'_>, plan: &Plan) -> PageText {
    let Some(shown) = page.shown_box() else { return PageText::default() };
    let (width, height) = (f64::from(plan.width), f64::from(plan.height));
    let map = page_to_image(shown, page.quarter_turns(), width, height);
    let mut text = PageText::default();
    page_text::describe(page, &map, &mut text);
    objects::describe(page, &map, (width as f32, height as f32), &mut text);
    text
}

impl PageTarget {
    /// The part of the memory that the pixels go to.
    pub(super) fn canvas(&self, width: u32, height: u32) -> Result<MmapMut, Reply> {
        let bytes = width as usize * height as usize * 3;
        map_for_drawing(&self.memory, bytes)
            .map_err(|error| Reply::PageTooLarge(format!("no memory for the page image: {error}")))
    }

    /// Lets go of the pixels and writes the text record behind them.
    pub(super) fn finish(&self, canvas: MmapMut, mut header: PageHeader, text: &PageText) -> Reply {
        let offset = canvas.len() as u64;
        if self.misbehaviour.is_some_and(|how| how.clings(self.request.page)) {
            std::mem::forget(canvas);
        } else {
            drop(canvas);
        }
        let Ok(record) = postcard::to_stdvec(text) else {
            return Reply::PageTooLarge("no memory for the text record".to_owned());
        };
        header.text_bytes = record.len() as u64;
        if header.text_bytes > MAX_TEXT_BYTES {
            return Reply::PageTooLarge(format!("a text layer of {} bytes", record.len()));
        }
        if let Err(error) = self.memory.write_all_at(&record, offset) {
            return Reply::PageTooLarge(format!("no memory for the text record: {error}"));
        }
        let header = match self.misbehaviour {
            Some(how) => how.header(self.request.page, header),
            None => header,
        };
        Reply::Rendered(header)
    }
}

/// The size to draw a page at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) dpi: f32,
    /// Whether a cap made it smaller than asked for.
    pub(super) smaller: bool,
}

impl Plan {
    /// The size for a page of so many points; `None` for sizes that are none.
    pub(super) fn new(width_pt: f32, height_pt: f32, request: &RenderRequest) -> Option<Self> {
        let scale = f64::from(request.dpi) / 72.0;
        let (width, height) = (f64::from(width_pt) * scale, f64::from(height_pt) * scale);
        let sound = [width, height].iter().all(|side| side.is_finite() && *side > 0.0);
        sound.then(|| Self::fit(width, height, request.dpi, request.max_pixels))
    }

    /// The largest size of this shape within the caps, at most as asked for.
    pub(super) fn fit(width: f64, height: f64, dpi: f32, max_pixels: u64) -> Self {
        let side = f64::from(MAX_SIDE);
        let factor = [(max_pixels as f64 / (width * height)).sqrt(), side / width, side / height]
            .into_iter()
            .fold(1.0, f64::min);
        let smaller = factor < 1.0;
        // Rounding up could exceed the cap.
        let pixels = |length: f64| {
            let length = length * factor;
            (if smaller { length.floor() } else { length.round() }).clamp(1.0, side) as u32
        };
        Self { width: pixels(width), height: pixels(height), dpi: dpi * factor as f32, smaller }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_any_size_fits_the_caps() {
        let request = RenderRequest { page: 0, dpi: 200.0, max_pixels: 40_000_000 };

        for (width, height) in [(1e9, 1e9), (1e9, 1.0), (0.1, 1e7), (14_400.0, 14_400.0), (612.0, 792.0)] {
            let plan = Plan::new(width, height, &request).unwrap();

            assert!(u64::from(plan.width) * u64::from(plan.height) <= request.max_pixels, "{plan:?}");
            assert!(
                (1..=MAX_SIDE).contains(&plan.width) && (1..=MAX_SIDE).contains(&plan.height),
                "{plan:?}"
            );
        }
        assert!(Plan::new(f32::NAN, 1.0, &request).is_none());
        assert!(!Plan::new(612.0, 792.0, &request).unwrap().smaller);
    }
}
