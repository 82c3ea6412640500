//! What can go wrong, named for what the caller does next.

use std::{io, path::PathBuf, time::Duration};

use quire_proto::record::PageFailure;

use crate::sandbox_level::SandboxLevel;

/// Rendering as such does not work here: no page was judged.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The child's program cannot be started.
    #[error("cannot start the renderer {program}: reinstall quire or correct the path")]
    Program {
        /// Path of the program.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The child cannot load pdfium.
    #[error("the renderer cannot load {library} ({reason}): run `quire setup`")]
    Pdfium {
        /// Path of the library.
        library: PathBuf,
        /// The loader's message.
        reason: String,
    },
    /// The system cannot confine the child as `require` asks.
    #[error(
        "the sandbox is incomplete ({level}): run on a kernel with landlock and seccomp, or use --sandbox best-effort"
    )]
    Sandbox {
        /// What there is.
        level: SandboxLevel,
    },
    /// The child ended or said nothing during its start.
    #[error("the renderer did not start ({reason}): run `quire doctor`")]
    Start {
        /// What happened.
        reason: String,
    },
    /// The system refused something that the parent needs.
    #[error("the system refused to {action}")]
    System {
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The pool is shutting down.
    #[error("the renderer is shutting down")]
    Stopped,
}

/// Why a document cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file has no bytes.
    #[error("the file is empty")]
    Empty,
    /// Neither a PDF nor one of the image formats.
    #[error("not a document: expected a pdf, png, jpeg or tiff file")]
    NotADocument,
    /// A password is needed and none was given.
    #[error("the document is encrypted: give its password")]
    PasswordRequired,
    /// The password does not fit.
    #[error("the password does not open the document: check it")]
    PasswordWrong,
    /// A document without pages.
    #[error("the document has no pages")]
    NoPages,
    /// More pages than allowed.
    #[error("the document has {pages} pages, more than the {limit} allowed: split it or raise the limit")]
    TooManyPages {
        /// Pages it has.
        pages: u32,
        /// Pages allowed.
        limit: u32,
    },
    /// More bytes than allowed.
    #[error("the document has {bytes} bytes, more than the {limit} allowed: split it or raise the limit")]
    TooLarge {
        /// Bytes it has.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// It looks like a document, but cannot be read.
    #[error("the document is damaged beyond repair ({reason}): get another copy")]
    Unreadable {
        /// The decoder's reason.
        reason: String,
    },
    /// Opening took too long, twice.
    #[error("the document was not opened within {deadline:?}: it is damaged or hostile")]
    Timeout {
        /// `open_deadline` in force.
        deadline: Duration,
    },
    /// Opening killed the renderer, twice.
    #[error("the document crashes the renderer ({cause}): it is damaged or hostile")]
    Crashed {
        /// How the renderer ended.
        cause: String,
    },
    /// The document was not judged: another attempt may succeed.
    #[error(transparent)]
    NotJudged(#[from] RenderError),
}

impl OpenError {
    /// The name used in records, messages and counts.
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotADocument => "not_a_document",
            Self::PasswordRequired => "password_required",
            Self::PasswordWrong => "password_wrong",
            Self::NoPages => "no_pages",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::TooLarge { .. } => "too_large",
            Self::Unreadable { .. } => "unreadable",
            Self::Timeout { .. } => "open_timeout",
            Self::Crashed { .. } => "open_crash",
            Self::NotJudged(_) => "not_judged",
        }
    }
}

/// Why there is no page image.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The page is at fault: record it.
    #[error("{}", .0.message)]
    Failed(PageFailure),
    /// The page was not judged: another attempt may succeed.
    #[error(transparent)]
    NotJudged(#[from] RenderError),
}
