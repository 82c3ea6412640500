//! The text layer of a page.

use std::{ffi::c_int, marker::PhantomData};

use pdfium_render::prelude::{FPDF_TEXTPAGE, FS_MATRIX, FS_RECTF, PdfiumLibraryBindings};

use super::{Object, object::affine};
use crate::child::transform::Affine;

/// The text layer of a page. Characters are numbered from zero.
pub(crate) struct TextLayer<'p> {
    pub(super) api: &'static dyn PdfiumLibraryBindings,
    pub(super) handle: FPDF_TEXTPAGE,
    pub(super) page_lives: PhantomData<&'p ()>,
}

// SAFETY of all calls below: the text layer is open, pdfium checks the index, out parameters are ours.
impl<'p> TextLayer<'p> {
    /// Number of characters.
    pub(crate) fn len(&self) -> c_int {
        // SAFETY: see above.
        unsafe { self.api.FPDFText_CountChars(self.handle) }.max(0)
    }

    /// The UTF-16 unit or scalar value; zero when the file gives none.
    pub(crate) fn unicode(&self, index: c_int) -> u32 {
        // SAFETY: see above.
        unsafe { self.api.FPDFText_GetUnicode(self.handle, index) }
    }

    /// Whether pdfium inferred the character.
    pub(crate) fn is_generated(&self, index: c_int) -> bool {
        // SAFETY: see above.
        unsafe { self.api.FPDFText_IsGenerated(self.handle, index) == 1 }
    }

    /// Whether it is the hyphen of a word broken at a line end.
    pub(crate) fn is_hyphen(&self, index: c_int) -> bool {
        // SAFETY: see above.
        unsafe { self.api.FPDFText_IsHyphen(self.handle, index) == 1 }
    }

    /// Whether the font has no Unicode for it.
    pub(crate) fn is_unmapped(&self, index: c_int) -> bool {
        // SAFETY: see above.
        unsafe { self.api.FPDFText_HasUnicodeMapError(self.handle, index) == 1 }
    }

    /// The text object that draws it.
    pub(crate) fn object(&self, index: c_int) -> Option<Object<'p>> {
        // SAFETY: see above; the object belongs to the page.
        Object::new(self.api, unsafe { self.api.FPDFText_GetTextObject(self.handle, index) })
    }

    /// Size in the text's own coordinates.
    pub(crate) fn font_size(&self, index: c_int) -> f64 {
        // SAFETY: see above.
        unsafe { self.api.FPDFText_GetFontSize(self.handle, index) }
    }

    /// From the text's own coordinates to the page's.
    pub(crate) fn matrix(&self, index: c_int) -> Option<Affine> {
        let mut matrix = FS_MATRIX { a: 0.0, b: 0.0, c: 0.0, d: 0.0, e: 0.0, f: 0.0 };
        // SAFETY: see above.
        let found = unsafe { self.api.FPDFText_GetMatrix(self.handle, index, &mut matrix) };
        (found != 0).then(|| affine(&matrix))
    }

    /// Box from descender to ascender and from origin to origin: left, bottom, right, top.
    pub(crate) fn loose_box(&self, index: c_int) -> Option<[f64; 4]> {
        let mut rect = FS_RECTF { left: 0.0, top: 0.0, right: 0.0, bottom: 0.0 };
        // SAFETY: see above.
        let found = unsafe { self.api.FPDFText_GetLooseCharBox(self.handle, index, &mut rect) };
        (found != 0).then(|| [rect.left, rect.bottom, rect.right, rect.top].map(f64::from))
    }

    /// Box around the ink: left, bottom, right, top.
    pub(crate) fn tight_box(&self, index: c_int) -> Option<[f64; 4]> {
        let [mut left, mut right, mut bottom, mut top] = [0.0; 4];
        // SAFETY: see above.
        let found = unsafe {
            self.api.FPDFText_GetCharBox(self.handle, index, &mut left, &mut right, &mut bottom, &mut top)
        };
        (found != 0).then_some([left, bottom, right, top])
    }
}

impl Drop for TextLayer<'_> {
    fn drop(&mut self) {
        // SAFETY: open until here.
        unsafe { self.api.FPDFText_ClosePage(self.handle) };
    }
}
