//! Things drawn on a page: text, paths, images, and forms that hold more of them.

use std::{ffi::c_int, marker::PhantomData};

use pdfium_render::prelude::{FPDF_FONT, FPDF_PAGEOBJECT, FS_MATRIX, PdfiumLibraryBindings};

use crate::child::transform::Affine;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectKind {
    Text,
    Path,
    Image,
    Shading,
    Form,
    Unknown,
}

/// A part of a path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Segment {
    Move(f64, f64),
    Line(f64, f64),
    Curve,
}

/// A thing drawn on a page.
#[derive(Clone, Copy)]
pub(crate) struct Object<'p> {
    api: &'static dyn PdfiumLibraryBindings,
    handle: FPDF_PAGEOBJECT,
    page_lives: PhantomData<&'p ()>,
}

// SAFETY of all calls below: the object belongs to a page that is open, which `'p` stands for; pdfium checks kinds
// and indices; out parameters are ours.
impl<'p> Object<'p> {
    pub(super) fn new(api: &'static dyn PdfiumLibraryBindings, handle: FPDF_PAGEOBJECT) -> Option<Self> {
        (!handle.is_null()).then_some(Self { api, handle, page_lives: PhantomData })
    }

    /// Tells objects of a page apart.
    pub(crate) fn id(&self) -> usize {
        self.handle as usize
    }

    /// What it is.
    pub(crate) fn kind(&self) -> ObjectKind {
        // SAFETY: see above.
        match unsafe { self.api.FPDFPageObj_GetType(self.handle) } {
            1 => ObjectKind::Text,
            2 => ObjectKind::Path,
            3 => ObjectKind::Image,
            4 => ObjectKind::Shading,
            5 => ObjectKind::Form,
            _ => ObjectKind::Unknown,
        }
    }

    /// From the object's coordinates to those of what holds it.
    pub(crate) fn matrix(&self) -> Affine {
        let mut matrix = FS_MATRIX { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };
        // SAFETY: see above.
        if unsafe { self.api.FPDFPageObj_GetMatrix(self.handle, &mut matrix) } == 0 {
            return Affine::IDENTITY;
        }
        affine(&matrix)
    }

    /// Left, bottom, right, top in the coordinates of what holds it.
    pub(crate) fn bounds(&self) -> Option<[f64; 4]> {
        let [mut left, mut bottom, mut right, mut top] = [0.0_f32; 4];
        // SAFETY: see above.
        let found = unsafe {
            self.api.FPDFPageObj_GetBounds(self.handle, &mut left, &mut bottom, &mut right, &mut top)
        };
        (found != 0).then(|| [left, bottom, right, top].map(f64::from))
    }

    /// What a form holds.
    pub(crate) fn children(&self) -> impl Iterator<Item = Object<'p>> + use<'p> {
        let (api, handle) = (self.api, self.handle);
        // SAFETY: see above.
        let count = unsafe { api.FPDFFormObj_CountObjects(handle) }.max(0);
        // SAFETY: see above.
        (0..count)
            .filter_map(move |index| Self::new(api, unsafe { api.FPDFFormObj_GetObject(handle, index as _) }))
    }

    /// Whether a path is filled, and whether it is stroked.
    pub(crate) fn draw_mode(&self) -> (bool, bool) {
        let (mut fill, mut stroke) = (0, 0);
        // SAFETY: see above.
        unsafe { self.api.FPDFPath_GetDrawMode(self.handle, &mut fill, &mut stroke) };
        (fill != 0, stroke != 0)
    }

    /// Whether a fill shows on white paper.
    pub(crate) fn fill_shows(&self) -> bool {
        let [mut red, mut green, mut blue, mut alpha] = [0; 4];
        // SAFETY: see above.
        let found = unsafe {
            self.api.FPDFPageObj_GetFillColor(self.handle, &mut red, &mut green, &mut blue, &mut alpha)
        };
        found == 0 || (alpha > 0 && [red, green, blue] != [255; 3])
    }

    /// Whether a stroke shows on white paper.
    pub(crate) fn stroke_shows(&self) -> bool {
        let [mut red, mut green, mut blue, mut alpha] = [0; 4];
        // SAFETY: see above.
        let found = unsafe {
            self.api.FPDFPageObj_GetStrokeColor(self.handle, &mut red, &mut green, &mut blue, &mut alpha)
        };
        found == 0 || (alpha > 0 && [red, green, blue] != [255; 3])
    }

    /// Width of a stroke in the object's coordinates.
    pub(crate) fn stroke_width(&self) -> f64 {
        let mut width = 0.0;
        // SAFETY: see above.
        unsafe { self.api.FPDFPageObj_GetStrokeWidth(self.handle, &mut width) };
        f64::from(width)
    }

    /// Number of parts of a path.
    pub(crate) fn segment_count(&self) -> c_int {
        // SAFETY: see above.
        unsafe { self.api.FPDFPath_CountSegments(self.handle) }.max(0)
    }

    /// A part of a path, and whether the path goes back to its beginning after it.
    pub(crate) fn segment(&self, index: c_int) -> Option<(Segment, bool)> {
        let (mut x, mut y) = (0.0_f32, 0.0_f32);
        // SAFETY: see above; the segment belongs to the path.
        let (kind, closes) = unsafe {
            let segment = self.api.FPDFPath_GetPathSegment(self.handle, index);
            if segment.is_null() || self.api.FPDFPathSegment_GetPoint(segment, &mut x, &mut y) == 0 {
                return None;
            }
            (self.api.FPDFPathSegment_GetType(segment), self.api.FPDFPathSegment_GetClose(segment) != 0)
        };
        let segment = match kind {
            0 => Segment::Line(x.into(), y.into()),
            2 => Segment::Move(x.into(), y.into()),
            _ => Segment::Curve,
        };
        Some((segment, closes))
    }

    /// Whether text is drawn invisibly (text render mode 3).
    pub(crate) fn is_invisible_text(&self) -> bool {
        // SAFETY: see above.
        unsafe { self.api.FPDFTextObj_GetTextRenderMode(self.handle) as c_int == 3 }
    }

    /// The font of text.
    pub(crate) fn font(&self) -> Option<Font<'p>> {
        // SAFETY: see above; the font belongs to the document.
        let handle = unsafe { self.api.FPDFTextObj_GetFont(self.handle) };
        (!handle.is_null()).then_some(Font { api: self.api, handle, page_lives: PhantomData })
    }
}

/// A font.
pub(crate) struct Font<'p> {
    api: &'static dyn PdfiumLibraryBindings,
    handle: FPDF_FONT,
    page_lives: PhantomData<&'p ()>,
}

// SAFETY of all calls below: the font lives as long as the page that uses it; out parameters are ours.
impl Font<'_> {
    /// Tells fonts of a page apart.
    pub(crate) fn id(&self) -> usize {
        let _ = self.page_lives;
        self.handle as usize
    }

    /// The name in the file.
    pub(crate) fn name(&self) -> String {
        let mut buffer = [0_u8; 128];
        // SAFETY: see above; the length is the buffer's.
        let length = unsafe {
            self.api.FPDFFont_GetBaseFontName(self.handle, buffer.as_mut_ptr().cast(), buffer.len())
        };
        // The length counts the final zero, and nothing is written when the buffer is too small.
        let name = buffer.get(..length.saturating_sub(1)).unwrap_or_default();
        String::from_utf8_lossy(name).into_owned()
    }

    /// The flags of the font descriptor; zero when unknown.
    pub(crate) fn flags(&self) -> u32 {
        // SAFETY: see above.
        u32::try_from(unsafe { self.api.FPDFFont_GetFlags(self.handle) }).unwrap_or(0)
    }

    /// The weight that pdfium guesses from the stems; zero when unknown.
    pub(crate) fn weight(&self) -> u16 {
        // SAFETY: see above.
        u16::try_from(unsafe { self.api.FPDFFont_GetWeight(self.handle) }).unwrap_or(0)
    }

    /// Degrees by which the font leans.
    pub(crate) fn slant(&self) -> i32 {
        let mut angle = 0;
        // SAFETY: see above.
        unsafe { self.api.FPDFFont_GetItalicAngle(self.handle, &mut angle) };
        angle
    }
}

pub(super) fn affine(matrix: &FS_MATRIX) -> Affine {
    let [a, b, c, d, e, f] = [matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f].map(f64::from);
    Affine { a, b, c, d, e, f }
}
