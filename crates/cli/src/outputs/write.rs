//! Files that are whole or absent: written beside their place, then renamed.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

/// Why a result was not written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}", path.display())]
pub(crate) struct PartError {
    /// The file.
    pub path: PathBuf,
    /// The system's reason.
    pub source: io::Error,
}

/// A file that is being written; removed again unless it is finished and published.
#[derive(Debug)]
pub(crate) struct Part {
    file: BufWriter<File>,
    hash: Sha256,
    place: Place,
}

/// A file that is written but does not have its name yet.
#[derive(Debug)]
pub(crate) struct Finished {
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    place: Place,
}

#[derive(Debug)]
struct Place {
    temporary: PathBuf,
    target: PathBuf,
}

impl Part {
    /// Begins the file that will be `target`, making its folder if need be.
    pub(crate) fn create(target: PathBuf) -> Result<Self, PartError> {
        let place = Place { temporary: beside(&target), target };
        let file = place.open().map_err(|source| place.error(source))?;
        Ok(Self { file: BufWriter::new(file), hash: Sha256::new(), place })
    }

    /// What it will be.
    pub(crate) fn target(&self) -> &Path {
        &self.place.target
    }

    /// Says that writing it failed for this reason.
    pub(crate) fn error(&self, source: io::Error) -> PartError {
        self.place.error(source)
    }

    /// Writes the rest to disk.
    pub(crate) fn finish(mut self) -> Result<Finished, PartError> {
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().sync_data())
            .map_err(|source| self.place.error(source))?;
        Ok(Finished { sha256: self.hash.finalize().into(), place: self.place })
    }
}

impl Write for Part {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Finished {
    /// What it will be.
    pub(crate) fn target(&self) -> &Path {
        &self.place.target
    }

    /// Gives the file its name.
    pub(crate) fn publish(self) -> Result<(), PartError> {
        fs::rename(&self.place.temporary, &self.place.target).map_err(|source| self.place.error(source))
    }
}

impl Place {
    fn open(&self) -> io::Result<File> {
        if let Some(folder) = self.target.parent() {
            fs::create_dir_all(folder)?;
        }
        File::create(&self.temporary)
    }

    fn error(&self, source: io::Error) -> PartError {
        PartError { path: self.target.clone(), source }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // After the rename there is nothing of this name any more.
        drop(fs::remove_file(&self.temporary));
    }
}

/// A hidden name in the same folder, so that the rename stays within one file system.
fn beside(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(".quire-part");
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_is_given_up_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let mut part = Part::create(dir.path().join("a.md")).unwrap();
        part.write_all(b"half").unwrap();

        drop(part);

        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
