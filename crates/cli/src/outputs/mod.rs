//! The output folder: who may write what there.
//!
//! ```text
//!  DIR/sub/a.md  a.txt  a.json  a.assets/       what people want
//!  DIR/.quire/                                  the store, which makes a run resumable
//!  DIR/.quire/outputs/                          receipts: which files are ours, made from which document
//! ```
//!
//! What must stay true: a file that we did not write, or that somebody changed since, is never
//! replaced unless asked for; and a file is either whole or absent.

mod receipt;
mod stale;
mod write;
mod writers;

use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use quire_proto::{DocumentId, Tenant};

pub(crate) use receipt::{Receipt, sha256_of, sha256_of_file};
pub(crate) use write::{Part, PartError};
pub(crate) use writers::{Writers, figure_names};

use crate::args::Format;

/// Folder within the output folder that is ours alone.
const STATE: &str = ".quire";

/// Why the output folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OutputError {
    /// It cannot be made or written.
    #[error("cannot write to the output folder {}", folder.display())]
    Unwritable {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Another run is at work in it.
    #[error("another quire is writing to {}: wait for it, or use another folder", .0.display())]
    Busy(PathBuf),
    /// A file that we know of cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// Whether the results of a document may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing is in the way.
    Free,
    /// What is there was made by us from the same document, and nobody changed it.
    Ours(Receipt),
    /// This is in the way.
    Taken(PathBuf),
}

/// An output folder, held by this process alone.
#[derive(Debug)]
pub(crate) struct OutputFolder {
    root: PathBuf,
    _lock: File,
}

impl OutputFolder {
    /// Makes the folder if need be, checks that it can be written, and holds it.
    pub(crate) fn open(root: &Path) -> Result<Self, OutputError> {
        let unwritable = |source| OutputError::Unwritable { folder: root.to_owned(), source };
        fs::create_dir_all(root.join(STATE).join("outputs")).map_err(unwritable)?;
        let lock = File::create(root.join(STATE).join("lock")).map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OutputError::Busy(root.to_owned())),
            Err(TryLockError::Error(error)) => return Err(unwritable(error)),
        }
        // The state folder may be writable although the folder itself is not.
        let probe = root.join(".quire-probe");
        File::create(&probe).and_then(|_| fs::remove_file(&probe)).map_err(unwritable)?;
        Ok(Self { root: root.to_owned(), _lock: lock })
    }

    /// Where the store lies.
    pub(crate) fn state(&self) -> PathBuf {
        self.root.join(STATE)
    }

    /// Drops what earlier runs left in the store, so that all pages are done again.
    pub(crate) fn forget_results(&self) -> Result<(), OutputError> {
        let store = self.root.join(STATE).join(Tenant::local().as_str());
        match fs::remove_dir_all(&store) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(OutputError::Unwritable { folder: store, source })
            }
            _ => Ok(()),
        }
    }

    /// The file of a document in one format.
    pub(crate) fn file(&self, stem: &Path, format: Format) -> PathBuf {
        self.root.join(with_suffix(stem, format.extension()))
    }

    /// The folder of a document's figures.
    pub(crate) fn assets(&self, stem: &Path) -> PathBuf {
        self.root.join(with_suffix(stem, "assets"))
    }

    /// Whether the results of `document` may be written at `stem`.
    pub(crate) fn standing(
        &self,
        stem: &Path,
        formats: &[Format],
        document: impl FnOnce() -> io::Result<DocumentId>,
    ) -> Result<Standing, OutputError> {
        let mut there = formats.iter().map(|format| self.file(stem, *format)).collect::<Vec<_>>();
        there.push(self.assets(stem));
        there.retain(|path| path.symlink_metadata().is_ok());
        let Some(first) = there.first() else { return Ok(Standing::Free) };
        let Some(receipt) = Receipt::read(&self.receipt(stem))? else {
            return Ok(Standing::Taken(first.clone()));
        };
        let document =
            document().map_err(|source| OutputError::Unreadable { path: stem.to_owned(), source })?;
        if receipt.document != document {
            return Ok(Standing::Taken(first.clone()));
        }
        match receipt.changed(&self.root, &there)? {
            Some(path) => Ok(Standing::Taken(path)),
            None => Ok(Standing::Ours(receipt)),
        }
    }

    /// Gives finished parts their names, and remembers that they are ours. New Markdown takes the place of the old
    /// with its figures.
    pub(crate) fn publish(
        &self,
        stem: &Path,
        document: DocumentId,
        parts: Vec<Part>,
    ) -> Result<(), PartError> {
        let mut finished = Vec::with_capacity(parts.len());
        for part in parts {
            finished.push(part.finish()?);
        }
        // The receipt comes first: killed in between, the next run knows the files for its own.
        Receipt::new(document, &self.root, &finished).write(&self.receipt(stem))?;
        let written: BTreeSet<PathBuf> = finished.iter().map(|file| file.target().to_owned()).collect();
        finished.into_iter().try_for_each(write::Finished::publish)?;
        if written.contains(&self.file(stem, Format::Md)) {
            stale::remove(&self.assets(stem), &written)?;
        }
        Ok(())
    }

    fn receipt(&self, stem: &Path) -> PathBuf {
        self.state().join("outputs").join(receipt::file_name(stem))
    }
}

/// `a.b` with `md` is `a.b.md`, whatever dots the name has.
fn with_suffix(stem: &Path, suffix: &str) -> PathBuf {
    let mut name = stem.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const FORMATS: [Format; 2] = [Format::Md, Format::Txt];

    fn standing(folder: &OutputFolder, content: &[u8]) -> Standing {
        folder.standing(Path::new("sub/a"), &FORMATS, || Ok(DocumentId::of(content))).unwrap()
    }

    fn published(folder: &OutputFolder, content: &[u8]) {
        let mut part = Part::create(folder.file(Path::new("sub/a"), Format::Md)).unwrap();
        part.write_all(b"# Title\n").unwrap();
        folder.publish(Path::new("sub/a"), DocumentId::of(content), vec![part]).unwrap();
    }

    #[test]
    fn what_we_wrote_from_the_same_document_is_ours() {
        let dir = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(dir.path()).unwrap();
        assert_eq!(standing(&folder, b"one"), Standing::Free);

        published(&folder, b"one");

        assert!(matches!(standing(&folder, b"one"), Standing::Ours(_)));
        assert!(matches!(standing(&folder, b"two"), Standing::Taken(_)));
        assert_eq!(fs::read_to_string(dir.path().join("sub/a.md")).unwrap(), "# Title\n");
    }

    #[test]
    fn a_file_that_somebody_changed_is_not_ours() {
        let dir = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(dir.path()).unwrap();
        published(&folder, b"one");

        fs::write(dir.path().join("sub/a.md"), "# My title\n").unwrap();

        assert_eq!(standing(&folder, b"one"), Standing::Taken(dir.path().join("sub/a.md")));
    }

    #[test]
    fn a_file_of_somebody_else_is_in_the_way() {
        let dir = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(dir.path()).unwrap();
        fs::create_dir(dir.path().join("sub")).unwrap();
        fs::write(dir.path().join("sub/a.txt"), "notes").unwrap();

        assert_eq!(standing(&folder, b"one"), Standing::Taken(dir.path().join("sub/a.txt")));
    }

    #[test]
    fn figures_of_the_run_before_go_and_files_of_others_stay() {
        let dir = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(dir.path()).unwrap();
        let assets = folder.assets(Path::new("sub/a"));
        fs::create_dir_all(&assets).unwrap();
        for name in ["p00001-2.png", "p00003-4.png", "photo.png", "p1.png"] {
            fs::write(assets.join(name), "").unwrap();
        }
        let parts = [folder.file(Path::new("sub/a"), Format::Md), assets.join("p00003-4.png")];
        let parts = parts.map(|target| Part::create(target).unwrap());

        folder.publish(Path::new("sub/a"), DocumentId::of(b"one"), parts.into()).unwrap();

        let mut left: Vec<_> =
            fs::read_dir(&assets).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["p00003-4.png", "p1.png", "photo.png"]);
    }

    #[test]
    fn figures_stay_while_the_markdown_that_shows_them_does() {
        let dir = tempfile::tempdir().unwrap();
        let folder = OutputFolder::open(dir.path()).unwrap();
        let figure = folder.assets(Path::new("a")).join("p00001-2.png");
        fs::create_dir_all(figure.parent().unwrap()).unwrap();
        fs::write(&figure, "").unwrap();
        let text = Part::create(folder.file(Path::new("a"), Format::Txt)).unwrap();

        folder.publish(Path::new("a"), DocumentId::of(b"one"), vec![text]).unwrap();

        assert!(figure.is_file());
    }

    #[test]
    fn one_run_at_a_time() {
        let dir = tempfile::tempdir().unwrap();
        let _held = OutputFolder::open(dir.path()).unwrap();

        assert!(matches!(OutputFolder::open(dir.path()), Err(OutputError::Busy(_))));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_said() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();

        let error = OutputFolder::open(&dir.path().join("file/out")).unwrap_err();

        assert!(matches!(error, OutputError::Unwritable { .. }));
    }
}
