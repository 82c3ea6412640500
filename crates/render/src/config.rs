//! What bounds a render child.

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf, time::Duration};

/// Settings of a [`RenderPool`](crate::RenderPool).
#[derive(Clone, Debug)]
pub struct RenderConfig {
    /// Render children, and so pages rendered at once. Default: the number of cores.
    pub children: NonZeroUsize,
    /// The pdfium library, `libpdfium.so`.
    pub pdfium: PathBuf,
    /// The child's program, `quire-render`.
    pub program: PathBuf,
    /// Time that one page may take before its child is killed. Default 20 s.
    pub page_deadline: Duration,
    /// Time that opening a document, or starting a child, may take. Default 20 s.
    pub open_deadline: Duration,
    /// Pixels of one page image; a page that asks for more is rendered smaller. Default 40 million.
    pub max_pixels: u64,
    /// Bytes of one document. Default 1 GiB.
    pub max_document_bytes: u64,
    /// Pages of one document. Default 20 000: twice the longest document that the tests promise.
    pub max_pages: u32,
    /// Address space of a child beside the mapped document. Default 2 GiB.
    pub address_space: u64,
    /// Pages after which a child is replaced, so that leaks stay small. Default 500.
    pub recycle_pages: u32,
    /// Resident memory above which a child is replaced after its page. Default 1 GiB.
    pub recycle_rss: u64,
    /// What to do when the system cannot confine a child. Default: best effort.
    pub sandbox: SandboxPolicy,
    /// Further arguments for the child's program. Default none; the tests make children misbehave with it.
    pub child_arguments: Vec<OsString>,
}

impl RenderConfig {
    /// The defaults, for the library and the child's program at these places.
    pub fn new(pdfium: PathBuf, program: PathBuf) -> Self {
        Self {
            children: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            pdfium,
            program,
            page_deadline: Duration::from_secs(20),
            open_deadline: Duration::from_secs(20),
            max_pixels: 40_000_000,
            max_document_bytes: 1 << 30,
            max_pages: 20_000,
            address_space: 2 << 30,
            recycle_pages: 500,
            recycle_rss: 1 << 30,
            sandbox: SandboxPolicy::BestEffort,
            child_arguments: Vec::new(),
        }
    }
}

/// What to do when the system cannot confine a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SandboxPolicy {
    /// Refuse to start unless the file system, the network and the system calls are closed.
    Require,
    /// Use what the system offers.
    BestEffort,
    /// Limits of time and memory only.
    Off,
}

impl SandboxPolicy {
    /// The name used on command lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Require => "require",
            Self::BestEffort => "best-effort",
            Self::Off => "off",
        }
    }
}

impl std::str::FromStr for SandboxPolicy {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        [Self::Require, Self::BestEffort, Self::Off]
            .into_iter()
            .find(|policy| policy.name() == name)
            .ok_or_else(|| format!("{name:?} is not one of require, best-effort, off"))
    }
}
