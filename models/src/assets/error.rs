//! Why an asset is not there, and what a person can do about it.

use std::path::PathBuf;

use super::AssetName;
use crate::manifest::Sha256;

/// Why an asset cannot be used or fetched.
#[derive(Debug, thiserror::Error)]
pub enum AssetError {
    /// The manifest has no such entry.
    #[error("{asset} is not in the manifest: add it, or choose another provider")]
    NotInManifest {
        /// What was looked for.
        asset: AssetName,
    },
    /// The file is not there.
    #[error("{asset} is missing: {} does not exist, fetch the assets first", path.display())]
    Missing {
        /// What is missing.
        asset: AssetName,
        /// Where it should be.
        path: PathBuf,
    },
    /// The file is another one than the manifest names.
    #[error(
        "{asset} is not the file of the manifest: {} has sha-256 {actual}, expected {expected}; \
         fetch the assets again, or correct the manifest",
        path.display()
    )]
    WrongHash {
        /// What is wrong.
        asset: AssetName,
        /// The file, or its path inside the package.
        path: PathBuf,
        /// SHA-256 in the manifest.
        expected: Sha256,
        /// SHA-256 of the file.
        actual: Sha256,
    },
    /// Python does not start.
    #[error(
        "{asset} is fetched with pip, but {} does not start: install Python with pip, \
         or copy {} from a machine that has the assets",
        python.display(), dir.display()
    )]
    NoPython {
        /// What was to be fetched.
        asset: AssetName,
        /// The program.
        python: PathBuf,
        /// The asset folder.
        dir: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The package did not come.
    #[error(
        "{asset} needs the package {package}, which pip could not download: {reason}; check the network, \
         or copy {} from a machine that has the assets",
        dir.display()
    )]
    Download {
        /// What was to be fetched.
        asset: AssetName,
        /// Package and version.
        package: String,
        /// pip's last line.
        reason: String,
        /// The asset folder.
        dir: PathBuf,
    },
    /// The package came without the file.
    #[error("{asset} should be at {path} in the package {package}: correct the manifest")]
    NotInPackage {
        /// What was to be fetched.
        asset: AssetName,
        /// Path in the manifest.
        path: String,
        /// Package and version.
        package: String,
        /// The archive's reason.
        source: zip::result::ZipError,
    },
    /// A file or folder of the store cannot be read or written.
    #[error("{action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}
