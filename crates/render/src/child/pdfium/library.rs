//! The loaded library.

use std::path::Path;

use pdfium_render::prelude::{Pdfium, PdfiumLibraryBindings};

/// pdfium, initialised. It stays loaded for the life of the process.
#[derive(Clone, Copy)]
pub(crate) struct Library {
    pub(super) api: &'static dyn PdfiumLibraryBindings,
}

impl Library {
    /// Loads and initialises the library at `path`; the error is the loader's message.
    pub(crate) fn load(path: &Path) -> Result<Self, String> {
        let bindings = Pdfium::bind_to_library(path).map_err(|error| error.to_string())?;
        let api: &'static dyn PdfiumLibraryBindings = Box::leak(bindings);
        // SAFETY: called once, before any other function of the library.
        unsafe { api.FPDF_InitLibrary() };
        // Fonts that a file does not embed come from pdfium itself, never from the system: the sandbox would hide
        // those anyway, and the same file must give the same pixels on every machine.
        // SAFETY: the library is initialised; null means "none".
        unsafe { api.FPDF_SetSystemFontInfo(std::ptr::null_mut()) };
        Ok(Self { api })
    }
}
