//! The messages between a pool and its children.
//!
//! One packet each way at a time: request, reply. Pixels and text do not travel in messages but in the
//! memfd that comes with [`Request::Render`].

use serde::{Deserialize, Serialize};

use crate::sandbox_level::SandboxLevel;

/// Bytes of the largest message.
pub(crate) const MAX_MESSAGE: usize = 16 * 1024;

/// Bytes that the text record of one page may take behind the pixels.
pub(crate) const MAX_TEXT_BYTES: u64 = 32 << 20;

/// Pixels along one side of a page image: rasterizers and decoders downstream count in 16 bits.
pub(crate) const MAX_SIDE: u32 = 32_000;

/// What the pool asks for.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Open the file that comes with this, in place of the one that is open.
    Open { password: Option<String> },
    /// Render a page of the open document into the memory that comes with this.
    Render(RenderRequest),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct RenderRequest {
    /// From zero.
    pub(crate) page: u32,
    pub(crate) dpi: f32,
    pub(crate) max_pixels: u64,
}

/// What a child answers. Hostile until checked.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// First message of a child's life.
    Ready(SandboxLevel),
    /// First and last message of a child that cannot work.
    NoPdfium(String),
    Opened(DocumentInfo),
    OpenRefused(OpenRefusal),
    Rendered(PageHeader),
    /// The page cannot be decoded.
    PageRefused(String),
    /// The page needs more memory than there is.
    PageTooLarge(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum OpenRefusal {
    NotADocument,
    PasswordRequired,
    PasswordWrong,
    NoPages,
    Unreadable(String),
}

/// Where the page lies in the memory: pixels first, then the text record.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct PageHeader {
    pub(crate) width_px: u32,
    pub(crate) height_px: u32,
    pub(crate) width_pt: f32,
    pub(crate) height_pt: f32,
    pub(crate) dpi: f32,
    pub(crate) rendered_smaller: bool,
    pub(crate) text_bytes: u64,
}

/// What is known of a document once it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentInfo {
    /// Number of pages, at least one.
    pub pages: u32,
    /// What it is.
    pub kind: DocumentKind,
}

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DocumentKind {
    /// A PDF file.
    Pdf,
    /// A PNG, JPEG or TIFF file.
    Image,
}
