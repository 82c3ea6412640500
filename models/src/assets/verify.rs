//! Whether a file is the one of the manifest, hashed once and then remembered.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use sha2::Digest;

use super::{AssetError, AssetName, Trust};
use crate::manifest::{File, Sha256};

/// What lies at a place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The file of the manifest.
    Right,
    /// No file.
    Nothing,
    /// Another file.
    Other(Sha256),
}

/// Looks at `path`, and remembers the answer when it is good.
pub(super) fn look(asset: AssetName, file: &File, path: &Path, trust: Trust) -> Result<Found, AssetError> {
    let failed = |source| AssetError::Io { action: "read", path: path.to_path_buf(), source };
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) => return Err(failed(error)),
    };
    let stamp = stamp_text(&metadata, file.sha256);
    if trust == Trust::Remembered && fs::read_to_string(stamp_path(path)).is_ok_and(|found| found == stamp) {
        return Ok(Found::Right);
    }
    let mut reader = fs::File::open(path).map_err(failed)?;
    let actual = copy_hashed(&mut reader, &mut io::sink()).map_err(failed)?;
    if actual != file.sha256 {
        return Ok(Found::Other(actual));
    }
    if let Err(error) = fs::write(stamp_path(path), stamp) {
        // A read-only store is fine: it is hashed at every start.
        tracing::debug!(%asset, %error, "verification is not remembered");
    }
    Ok(Found::Right)
}

/// Copies all of `reader` and returns the SHA-256 of what went by.
pub(super) fn copy_hashed(reader: &mut impl Read, writer: &mut impl Write) -> io::Result<Sha256> {
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0_u8; 1 << 17];
    loop {
        match reader.read(&mut buffer)? {
            0 => return Ok(Sha256(hasher.finalize().into())),
            read => {
                hasher.update(&buffer[..read]);
                writer.write_all(&buffer[..read])?;
            }
        }
    }
}

fn stamp_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".verified");
    path.with_file_name(name)
}

/// Size, time of change and hash: when one of them differs, the file is hashed again.
fn stamp_text(metadata: &fs::Metadata, sha256: Sha256) -> String {
    let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{} {} {sha256}\n", metadata.len(), modified.unwrap_or_default().as_nanos())
}
