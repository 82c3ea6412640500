//! A loaded page.

use std::{ffi::c_int, marker::PhantomData};

use pdfium_render::prelude::{FPDF_PAGE, FS_RECTF};

use super::{Document, Object, TextLayer};

// From fpdfview.h, fpdf_flatten.h, fpdf_annot.h.
const BITMAP_BGR: c_int = 2;
const RENDER_ANNOTATIONS: c_int = 0x01;
const RENDER_REVERSED_BYTES: c_int = 0x10;
const FLATTEN_FOR_DISPLAY: c_int = 0;
const FLATTEN_SUCCEEDED: c_int = 1;
const ANNOTATION_FREE_TEXT: c_int = 3;
const ANNOTATION_STAMP: c_int = 13;
const ANNOTATION_WIDGET: c_int = 20;
const WHITE: u32 = 0xFFFF_FFFF;

/// A loaded page.
pub(crate) struct Page<'d> {
    pub(super) document: &'d Document,
    pub(super) handle: FPDF_PAGE,
    pub(super) document_lives: PhantomData<&'d ()>,
}

impl<'d> Page<'d> {
    /// Width and height in points as displayed, `/Rotate` applied.
    pub(crate) fn size_pt(&self) -> (f32, f32) {
        let api = self.document.api;
        // SAFETY: the page is open.
        unsafe { (api.FPDF_GetPageWidthF(self.handle), api.FPDF_GetPageHeightF(self.handle)) }
    }

    /// Clockwise quarter turns by which the page is displayed.
    pub(crate) fn quarter_turns(&self) -> i32 {
        // SAFETY: the page is open.
        unsafe { self.document.api.FPDFPage_GetRotation(self.handle) }
    }

    /// The part of the page that is displayed: left, bottom, right, top in page coordinates.
    pub(crate) fn shown_box(&self) -> Option<[f64; 4]> {
        let mut rect = FS_RECTF { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 };
        // SAFETY: the page is open, the rectangle is ours.
        let found = unsafe { self.document.api.FPDF_GetPageBoundingBox(self.handle, &mut rect) };
        (found != 0).then(|| [rect.left, rect.bottom, rect.right, rect.top].map(f64::from))
    }

    /// Whether annotations on the page show text that the text layer does not have: form fields, notes, stamps.
    pub(crate) fn has_text_in_annotations(&self) -> bool {
        let api = self.document.api;
        // SAFETY: the page is open.
        let count = unsafe { api.FPDFPage_GetAnnotCount(self.handle) };
        (0..count).any(|index| {
            // SAFETY: the page is open; pdfium checks the index.
            let annotation = unsafe { api.FPDFPage_GetAnnot(self.handle, index) };
            if annotation.is_null() {
                return false;
            }
            // SAFETY: the annotation is open, and closed once.
            let kind = unsafe {
                let kind = api.FPDFAnnot_GetSubtype(annotation);
                api.FPDFPage_CloseAnnot(annotation);
                kind
            };
            [ANNOTATION_FREE_TEXT, ANNOTATION_STAMP, ANNOTATION_WIDGET].contains(&(kind as c_int))
        })
    }

    /// Draws the annotations into the page's content. It must be loaded again to see them there.
    pub(crate) fn flatten(&self) -> bool {
        // SAFETY: the page is open. Only our copy of the document changes.
        unsafe { self.document.api.FPDFPage_Flatten(self.handle, FLATTEN_FOR_DISPLAY) == FLATTEN_SUCCEEDED }
    }

    /// Draws the page on white, as packed RGB; `None` when pdfium refuses or the sizes do not fit.
    pub(crate) fn draw(&self, pixels: &mut [u8], width: u32, height: u32) -> Option<()> {
        let api = self.document.api;
        let stride = width.checked_mul(3)?;
        if pixels.len() as u64 != u64::from(stride) * u64::from(height) {
            return None;
        }
        let (width, height, stride) =
            (c_int::try_from(width).ok()?, c_int::try_from(height).ok()?, c_int::try_from(stride).ok()?);
        let flags = RENDER_ANNOTATIONS | RENDER_REVERSED_BYTES;
        // SAFETY: the bitmap's rows fill `pixels` exactly, which outlives the bitmap; all handles are open.
        unsafe {
            let bitmap =
                api.FPDFBitmap_CreateEx(width, height, BITMAP_BGR, pixels.as_mut_ptr().cast(), stride);
            if bitmap.is_null() {
                return None;
            }
            api.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE.into());
            api.FPDF_RenderPageBitmap(bitmap, self.handle, 0, 0, width, height, 0, flags);
            if let Some(form) = &self.document.form {
                api.FPDF_FFLDraw(form.handle, bitmap, self.handle, 0, 0, width, height, 0, flags);
            }
            api.FPDFBitmap_Destroy(bitmap);
        }
        Some(())
    }

    /// The text layer.
    pub(crate) fn text(&self) -> Option<TextLayer<'_>> {
        // SAFETY: the page is open, and the text layer borrows it.
        let handle = unsafe { self.document.api.FPDFText_LoadPage(self.handle) };
        (!handle.is_null()).then_some(TextLayer { api: self.document.api, handle, page_lives: PhantomData })
    }

    /// What is drawn on the page, in order.
    pub(crate) fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        let api = self.document.api;
        // SAFETY: the page is open.
        let count = unsafe { api.FPDFPage_CountObjects(self.handle) };
        (0..count).filter_map(move |index| {
            // SAFETY: the page is open and keeps its objects until it is closed; pdfium checks the index.
            Object::new(api, unsafe { api.FPDFPage_GetObject(self.handle, index) })
        })
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        let api = self.document.api;
        // SAFETY: both handles are open until here.
        unsafe {
            if let Some(form) = &self.document.form {
                api.FORM_OnBeforeClosePage(self.handle, form.handle);
            }
            api.FPDF_ClosePage(self.handle);
        }
    }
}
