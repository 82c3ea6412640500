//! A local file on its way into the store: hashed as it is read, and caught when it changes meanwhile.

use std::{
    fs::{File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
    time::SystemTime,
};

use sha2::{Digest, Sha256};

use crate::StoreError;

/// A reader that knows at the end what it has read, and whether it was one version of the file.
#[derive(Debug)]
pub struct InputFile {
    path: PathBuf,
    file: File,
    before: (u64, Option<SystemTime>),
    hash: Sha256,
    bytes: u64,
}

impl InputFile {
    /// Opens `path`, which must be a regular file.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let input = |source| StoreError::Input { path: path.to_owned(), source };
        let file = File::open(path).map_err(input)?;
        let metadata = file.metadata().map_err(input)?;
        if !metadata.is_file() {
            return Err(input(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
        }
        let before = version(&metadata);
        Ok(Self { path: path.to_owned(), file, before, hash: Sha256::new(), bytes: 0 })
    }

    /// SHA-256 and size of what was read, if that is the whole of one version of the file.
    pub fn finish(self) -> Result<([u8; 32], u64), StoreError> {
        let now =
            self.file.metadata().map_err(|source| StoreError::Input { path: self.path.clone(), source })?;
        if version(&now) != self.before || self.bytes != self.before.0 {
            return Err(StoreError::InputChanged { path: self.path });
        }
        Ok((self.hash.finalize().into(), self.bytes))
    }

    /// Wraps an error of reading it.
    pub fn error(&self, source: io::Error) -> StoreError {
        StoreError::Input { path: self.path.clone(), source }
    }
}

fn version(metadata: &Metadata) -> (u64, Option<SystemTime>) {
    (metadata.len(), metadata.modified().ok())
}

impl Read for InputFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_file_that_grows_while_it_is_read_is_caught() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"first").unwrap();
        let mut input = InputFile::open(file.path()).unwrap();
        let mut buffer = [0; 3];
        input.read_exact(&mut buffer).unwrap();

        file.write_all(b"second").unwrap();
        io::copy(&mut input, &mut io::sink()).unwrap();

        assert!(matches!(input.finish(), Err(StoreError::InputChanged { .. })));
    }

    #[test]
    fn a_file_that_is_rewritten_in_place_is_caught() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"first").unwrap();
        let mut input = InputFile::open(file.path()).unwrap();
        let mut buffer = [0; 3];
        input.read_exact(&mut buffer).unwrap();

        file.as_file().set_modified(SystemTime::now() + std::time::Duration::from_secs(1)).unwrap();
        io::copy(&mut input, &mut io::sink()).unwrap();

        assert!(matches!(input.finish(), Err(StoreError::InputChanged { .. })));
    }

    #[test]
    fn a_file_at_rest_is_hashed_whole() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"content").unwrap();
        let mut input = InputFile::open(file.path()).unwrap();

        io::copy(&mut input, &mut io::sink()).unwrap();

        assert_eq!(input.finish().unwrap(), (Sha256::digest(b"content").into(), 7));
    }
}
