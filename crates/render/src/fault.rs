//! What went wrong in one attempt, before anybody decides what it means.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus, time::Duration};

use quire_proto::record::FailureClass;

use crate::{
    error::{OpenError, RenderError},
    wire::OpenRefusal,
};

/// How one attempt failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The child ended.
    Died(ExitStatus),
    /// The child said nothing within this time.
    Slow(Duration),
    /// What the child said is not believable.
    Lied(String),
    /// The child cannot open the document.
    OpenRefused(OpenRefusal),
    /// The document has more pages than allowed.
    TooManyPages { pages: u32, limit: u32 },
    /// The child cannot decode the page.
    PageRefused(String),
    /// The page needs more memory than the child may use.
    PageTooLarge(String),
    /// Not the document's fault.
    NotJudged(RenderError),
}

impl Fault {
    /// Whether a fresh child might do better.
    pub(crate) const fn deserves_retry(&self) -> bool {
        match self {
            Self::Died(_) | Self::Slow(_) | Self::Lied(_) | Self::PageTooLarge(_) => true,
            Self::OpenRefused(_) | Self::TooManyPages { .. } | Self::PageRefused(_) | Self::NotJudged(_) => {
                false
            }
        }
    }

    /// Whether the child behaved: it goes on with the next page.
    pub(crate) const fn spares_child(&self) -> bool {
        matches!(self, Self::OpenRefused(_) | Self::TooManyPages { .. })
    }

    /// The class and the words of a page's failure; `Err` when the page is not at fault.
    pub(crate) fn into_page_failure(self) -> Result<(FailureClass, String), RenderError> {
        Ok(match self {
            Self::Died(status) => (death_class(status), format!("the renderer died: {}", describe(status))),
            Self::Slow(deadline) => {
                (FailureClass::RenderTimeout, format!("not rendered within {} s", deadline.as_secs_f32()))
            }
            Self::Lied(what) => {
                (FailureClass::RenderProtocol, format!("the renderer's answer is wrong: {what}"))
            }
            Self::PageRefused(reason) => (FailureClass::Undecodable, reason),
            Self::PageTooLarge(reason) => (FailureClass::RenderMemory, reason),
            Self::OpenRefused(_) | Self::TooManyPages { .. } => {
                let reason = self.into_open_error(Duration::ZERO).to_string();
                (FailureClass::Undecodable, reason)
            }
            Self::NotJudged(error) => return Err(error),
        })
    }

    /// What the caller of `open` learns.
    pub(crate) fn into_open_error(self, deadline: Duration) -> OpenError {
        match self {
            Self::Died(status) => OpenError::Crashed { cause: describe(status) },
            Self::Slow(_) => OpenError::Timeout { deadline },
            Self::Lied(what) => OpenError::Crashed { cause: what },
            Self::PageRefused(reason) | Self::PageTooLarge(reason) => OpenError::Unreadable { reason },
            Self::TooManyPages { pages, limit } => OpenError::TooManyPages { pages, limit },
            Self::OpenRefused(refusal) => match refusal {
                OpenRefusal::NotADocument => OpenError::NotADocument,
                OpenRefusal::PasswordRequired => OpenError::PasswordRequired,
                OpenRefusal::PasswordWrong => OpenError::PasswordWrong,
                OpenRefusal::NoPages => OpenError::NoPages,
                OpenRefusal::Unreadable(reason) => OpenError::Unreadable { reason },
            },
            Self::NotJudged(error) => OpenError::NotJudged(error),
        }
    }
}

/// pdfium and the allocator of Rust abort when memory runs out; other failures of theirs end by other signals.
fn death_class(status: ExitStatus) -> FailureClass {
    match status.signal() {
        Some(libc::SIGABRT) => FailureClass::RenderMemory,
        Some(libc::SIGXCPU) => FailureClass::RenderTimeout,
        _ => FailureClass::RenderCrash,
    }
}

fn describe(status: ExitStatus) -> String {
    let Some(signal) = status.signal() else {
        return status
            .code()
            .map_or_else(|| "for no known reason".to_owned(), |code| format!("exit code {code}"));
    };
    let (name, hint) = match signal {
        libc::SIGABRT => ("SIGABRT", ", as it does when its memory runs out"),
        libc::SIGBUS => ("SIGBUS", ", as it does when the file is cut while it is read"),
        libc::SIGSEGV => ("SIGSEGV", ""),
        libc::SIGILL => ("SIGILL", ""),
        libc::SIGTRAP => ("SIGTRAP", ""),
        libc::SIGFPE => ("SIGFPE", ""),
        libc::SIGXCPU => ("SIGXCPU", ", its processor time is used up"),
        libc::SIGKILL => ("SIGKILL", ", somebody killed it"),
        other => return format!("signal {other}"),
    };
    format!("{name}{hint}")
}
