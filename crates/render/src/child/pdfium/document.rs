//! An open document.

use std::{cell::OnceCell, collections::HashMap, ffi::c_int, marker::PhantomData};

use memmap2::Mmap;
use pdfium_render::prelude::{FPDF_DOCUMENT, FPDF_FORMHANDLE, PdfiumLibraryBindings};
use quire_proto::page_text::Bookmark;

use super::{Library, Page};

// Values of FPDF_GetLastError.
const SUCCESS: u64 = 0;
const FORMAT: u64 = 3;
const PASSWORD: u64 = 4;
const SECURITY: u64 = 5;

/// Why pdfium does not open a document.
#[derive(Debug)]
pub(crate) enum LoadError {
    NotPdf,
    Password,
    UnsupportedEncryption,
    NoPages,
    Other(u64),
}

/// An open document, with the bytes it reads from.
pub(crate) struct Document {
    pub(super) api: &'static dyn PdfiumLibraryBindings,
    pub(super) handle: FPDF_DOCUMENT,
    pub(super) form: Option<Form>,
    /// By the index of their page; read when first asked for.
    bookmarks: OnceCell<HashMap<u32, Vec<Bookmark>>>,
    /// Read by pdfium until the document is closed.
    _bytes: Mmap,
}

impl Document {
    /// Opens the document in `bytes`. `password` must be free of zero bytes.
    pub(crate) fn open(library: Library, bytes: Mmap, password: Option<&str>) -> Result<Self, LoadError> {
        let api = library.api;
        // SAFETY: the bytes do not move and live in the returned value, which closes the document before them.
        let handle = unsafe { api.FPDF_LoadMemDocument64(&bytes, password) };
        if handle.is_null() {
            // SAFETY: the library is initialised.
            return Err(match unsafe { api.FPDF_GetLastError() } {
                // pdfium finds nothing wrong with a document that has nothing in it.
                SUCCESS => LoadError::NoPages,
                FORMAT => LoadError::NotPdf,
                PASSWORD => LoadError::Password,
                SECURITY => LoadError::UnsupportedEncryption,
                other => LoadError::Other(other),
            });
        }
        let form = Form::of(api, handle);
        Ok(Self { api, handle, form, bookmarks: OnceCell::new(), _bytes: bytes })
    }

    /// Number of pages; none when the page tree is broken.
    pub(crate) fn pages(&self) -> u32 {
        // SAFETY: the document is open.
        u32::try_from(unsafe { self.api.FPDF_GetPageCount(self.handle) }).unwrap_or(0)
    }

    /// The bookmarks that lead to page `index`, from zero.
    pub(crate) fn bookmarks(&self, index: u32) -> &[Bookmark] {
        self.bookmarks.get_or_init(|| self.read_bookmarks()).get(&index).map_or(&[], Vec::as_slice)
    }

    /// Loads page `index`, from zero.
    pub(crate) fn page(&self, index: u32) -> Option<Page<'_>> {
        let index = c_int::try_from(index).ok()?;
        // SAFETY: the document is open; pdfium checks the index.
        let handle = unsafe { self.api.FPDF_LoadPage(self.handle, index) };
        if handle.is_null() {
            return None;
        }
        if let Some(form) = &self.form {
            // SAFETY: both handles are open.
            unsafe { self.api.FORM_OnAfterLoadPage(handle, form.handle) };
        }
        Some(Page { document: self, handle, document_lives: PhantomData })
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        if let Some(form) = self.form.take() {
            // SAFETY: open until here; pages borrow the document, so none is left.
            unsafe { self.api.FPDFDOC_ExitFormFillEnvironment(form.handle) };
        }
        // SAFETY: as above.
        unsafe { self.api.FPDF_CloseDocument(self.handle) };
    }
}

/// The form machinery of a document that has fields: it draws what is filled in.
pub(super) struct Form {
    pub(super) handle: FPDF_FORMHANDLE,
    /// Read by pdfium until the machinery ends.
    _info: Box<FormFillInfo>,
}

/// Room for pdfium's `FPDF_FORMFILLINFO`: a version, then callbacks, none of which we have.
#[repr(C, align(16))]
struct FormFillInfo {
    version: c_int,
    callbacks: [u8; 1020],
}

impl Form {
    fn of(api: &'static dyn PdfiumLibraryBindings, document: FPDF_DOCUMENT) -> Option<Self> {
        // SAFETY: the document is open. Type zero is "no form".
        if unsafe { api.FPDF_GetFormType(document) } == 0 {
            return None;
        }
        // Version 2 is the one for builds with XFA and is accepted by those without.
        let mut info = Box::new(FormFillInfo { version: 2, callbacks: [0; 1020] });
        // SAFETY: larger than the struct that pdfium reads (a version and about thirty pointers), with the same
        // first field, zero being "no callback"; it lives as long as the handle.
        let handle = unsafe {
            api.FPDFDOC_InitFormFillEnvironment(document, std::ptr::from_mut(info.as_mut()).cast())
        };
        (!handle.is_null()).then_some(Self { handle, _info: info })
    }
}

impl std::fmt::Debug for FormFillInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "FormFillInfo(version {}, {} bytes)", self.version, self.callbacks.len())
    }
}
