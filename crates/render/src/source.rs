//! A file to render pages of.

use std::{
    fmt,
    fs::File,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// An open file, with its password if it has one. Clones are the same document.
///
/// The file travels to the children as a descriptor: they never see its name.
#[derive(Clone)]
pub struct SourceFile(Arc<Inner>);

struct Inner {
    file: File,
    password: Option<String>,
    id: u64,
}

impl SourceFile {
    /// Wraps a file opened for reading.
    pub fn new(file: File, password: Option<String>) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(Arc::new(Inner { file, password, id: NEXT.fetch_add(1, Ordering::Relaxed) }))
    }

    /// Opens the file at `path`.
    pub fn open(path: &Path, password: Option<String>) -> io::Result<Self> {
        File::open(path).map(|file| Self::new(file, password))
    }

    pub(crate) fn file(&self) -> &File {
        &self.0.file
    }

    pub(crate) fn password(&self) -> Option<&str> {
        self.0.password.as_deref()
    }

    /// Tells documents apart, so that a child can keep one open from page to page.
    pub(crate) fn id(&self) -> u64 {
        self.0.id
    }
}

impl fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The password stays out of every log.
        write!(f, "SourceFile({})", self.0.id)
    }
}
