//! Receipts: which files we wrote, and from which document.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io,
    io::Write,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use quire_proto::DocumentId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    OutputError,
    write::{Finished, Part, PartError},
};

/// What was written for one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Receipt {
    /// The document that the files were made from.
    pub document: DocumentId,
    /// SHA-256 of each file, by its path below the output folder.
    files: BTreeMap<String, String>,
}

impl Receipt {
    /// A receipt for files below `root`.
    pub(super) fn new(document: DocumentId, root: &Path, files: &[Finished]) -> Self {
        let files = files.iter().map(|file| (name(root, file.target()), hex::encode(file.sha256))).collect();
        Self { document, files }
    }

    /// Reads a receipt; `None` when there is none, or none that can be understood.
    pub(super) fn read(path: &Path) -> Result<Option<Self>, OutputError> {
        match fs::read(path) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(OutputError::Unreadable { path: path.to_owned(), source }),
        }
    }

    pub(super) fn write(&self, path: &Path) -> Result<(), PartError> {
        let mut part = Part::create(path.to_owned())?;
        let written =
            serde_json::to_writer(&mut part, self).map_err(io::Error::from).and_then(|()| part.flush());
        written.map_err(|source| part.error(source))?;
        part.finish()?.publish()
    }

    /// The first of `there` (files, and folders of figures) that holds something else than what we wrote.
    pub(super) fn changed(&self, root: &Path, there: &[PathBuf]) -> Result<Option<PathBuf>, OutputError> {
        for path in there {
            let unreadable = |source| OutputError::Unreadable { path: path.clone(), source };
            if path.is_dir() {
                for entry in fs::read_dir(path).map_err(unreadable)? {
                    let file = entry.map_err(unreadable)?.path();
                    if !self.is_ours(root, &file).map_err(unreadable)? {
                        return Ok(Some(file));
                    }
                }
            } else if !self.is_ours(root, path).map_err(unreadable)? {
                return Ok(Some(path.clone()));
            }
        }
        Ok(None)
    }

    fn is_ours(&self, root: &Path, path: &Path) -> io::Result<bool> {
        let Some(expected) = self.files.get(&name(root, path)) else { return Ok(is_leftover(path)) };
        Ok(path.is_file() && *expected == hex::encode(sha256_of(path)?))
    }
}

/// A part that a killed run left behind.
fn is_leftover(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_bytes().ends_with(b".quire-part"))
}

/// The receipt's file name: a hash, since stems contain slashes and anything else.
pub(super) fn file_name(stem: &Path) -> String {
    format!("{}.json", hex::encode(&Sha256::digest(stem.as_os_str().as_bytes())[..16]))
}

fn name(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned()
}

/// SHA-256 of a file.
pub(crate) fn sha256_of(path: &Path) -> io::Result<[u8; 32]> {
    sha256_of_file(&File::open(path)?)
}

/// SHA-256 of the rest of a file.
pub(crate) fn sha256_of_file(file: &File) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut reader = io::BufReader::with_capacity(1 << 20, file);
    io::copy(&mut reader, &mut Hashing(&mut hash))?;
    Ok(hash.finalize().into())
}

struct Hashing<'a>(&'a mut Sha256);

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
