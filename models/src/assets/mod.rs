//! Where the files of the manifest lie: status, fetch, resolve.
//!
//! ```text
//!  <dir>/native/pdfium-8149/libpdfium.so
//!  <dir>/native/onnxruntime-1.30.0/libonnxruntime.so.1.30.0
//!  <dir>/models/25b1f27e-layout_cdla.onnx
//!  <dir>/prepared/…                          graphs made from the models, see `prepare`
//! ```
//!
//! A file is used only after its SHA-256 was found right. A `.verified` file beside it
//! remembers that, with the size and the time of change, so that a start does not hash
//! a hundred megabytes again. Files appear by rename: a reader never sees half of one.

mod error;
mod fetch;
mod verify;

use std::{
    fmt,
    path::{Path, PathBuf},
};

pub use error::AssetError;

use crate::{
    manifest::{File, Library, LibraryName, Manifest, Model, Package, Role, Sha256},
    provider::Provider,
};
use verify::Found;

/// The folder that keeps native libraries and models.
#[derive(Clone, Debug)]
pub struct AssetStore {
    dir: PathBuf,
    python: PathBuf,
}

/// Which entry of the manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AssetName {
    /// A native library.
    Library(LibraryName),
    /// The model of a role.
    Model(Role),
}

impl fmt::Display for AssetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Library(name) => write!(f, "library {}", name.as_str()),
            Self::Model(role) => write!(f, "model {role}"),
        }
    }
}

/// An entry of the manifest with the place of its files.
#[derive(Clone, Debug)]
pub struct Asset<'a> {
    /// Which one.
    pub name: AssetName,
    /// Where it comes from.
    pub package: &'a Package,
    /// SPDX expression.
    pub licence: &'a str,
    licence_file: Option<&'a str>,
    /// Files and their places; the first is the one to open.
    files: Vec<(&'a File, PathBuf)>,
}

/// What is known about an asset on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetStatus {
    /// Which one.
    pub name: AssetName,
    /// Package and version that it comes from.
    pub package: String,
    /// The file to open.
    pub path: PathBuf,
    /// Whether it can be used.
    pub state: AssetState,
}

/// Whether an asset can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssetState {
    /// All files are there and their hashes are right.
    Present,
    /// A file is not there.
    Missing(PathBuf),
    /// A file is not the one that the manifest names.
    WrongHash {
        /// The file.
        path: PathBuf,
        /// SHA-256 in the manifest.
        expected: Sha256,
        /// SHA-256 of the file.
        actual: Sha256,
    },
}

/// How sure a status must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A file that was verified and has not changed since is right.
    Remembered,
    /// Every file is hashed.
    Nothing,
}

impl AssetStore {
    /// A store in `dir`, which need not exist yet. Packages are downloaded with `python3 -m pip`.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), python: PathBuf::from("python3") }
    }

    /// The same store, downloading with another Python.
    #[must_use]
    pub fn with_python(mut self, python: impl Into<PathBuf>) -> Self {
        self.python = python.into();
        self
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Everything in `manifest`.
    pub fn assets<'a>(&self, manifest: &'a Manifest) -> Vec<Asset<'a>> {
        let libraries = manifest.libraries.iter().map(|library| self.library(library));
        libraries.chain(manifest.models.iter().map(|model| self.model(model))).collect()
    }

    /// What a worker with `provider` needs: all models, but only the runtime that it opens.
    pub fn needed<'a>(&self, manifest: &'a Manifest, provider: Provider) -> Vec<Asset<'a>> {
        let mut assets = self.assets(manifest);
        assets.retain(|asset| match asset.name {
            AssetName::Library(LibraryName::Pdfium) | AssetName::Model(_) => true,
            AssetName::Library(name) => name == provider.library(),
        });
        assets
    }

    /// The state of each of `assets`, in order.
    pub fn status(&self, assets: &[Asset<'_>], trust: Trust) -> Result<Vec<AssetStatus>, AssetError> {
        assets
            .iter()
            .map(|asset| {
                let path = asset.files.first().map(|(_, path)| path.clone()).unwrap_or_default();
                let state = state(asset, trust)?;
                Ok(AssetStatus { name: asset.name, package: asset.package.to_string(), path, state })
            })
            .collect()
    }

    /// The file to open for the library `name`.
    pub fn resolve_library(&self, manifest: &Manifest, name: LibraryName) -> Result<PathBuf, AssetError> {
        let asset = AssetName::Library(name);
        let library = manifest.library(name).ok_or(AssetError::NotInManifest { asset })?;
        usable(&self.library(library))
    }

    /// The file of `model`, as it was published.
    pub fn resolve_model(&self, model: &Model) -> Result<PathBuf, AssetError> {
        usable(&self.model(model))
    }

    /// Where the file of a model lies.
    pub(crate) fn place(&self, file: &File) -> PathBuf {
        self.dir.join("models").join(format!("{}-{}", file.sha256.short(), file.name()))
    }

    fn library<'a>(&self, library: &'a Library) -> Asset<'a> {
        let dir = self.dir.join("native").join(format!("{}-{}", library.name.as_str(), library.release));
        Asset {
            name: AssetName::Library(library.name),
            package: &library.package,
            licence: &library.licence,
            licence_file: library.licence_file.as_deref(),
            files: library.files.iter().map(|file| (file, dir.join(file.name()))).collect(),
        }
    }

    fn model<'a>(&self, model: &'a Model) -> Asset<'a> {
        Asset {
            name: AssetName::Model(model.role),
            package: &model.package,
            licence: &model.licence,
            licence_file: model.licence_file.as_deref(),
            files: model.files().map(|file| (file, self.place(file))).collect(),
        }
    }
}

/// The first file that is not as it should be decides.
fn state(asset: &Asset<'_>, trust: Trust) -> Result<AssetState, AssetError> {
    for (file, path) in &asset.files {
        match verify::look(asset.name, file, path, trust)? {
            Found::Right => {}
            Found::Nothing => return Ok(AssetState::Missing(path.clone())),
            Found::Other(actual) => {
                return Ok(AssetState::WrongHash { path: path.clone(), expected: file.sha256, actual });
            }
        }
    }
    Ok(AssetState::Present)
}

fn usable(asset: &Asset<'_>) -> Result<PathBuf, AssetError> {
    let name = asset.name;
    match state(asset, Trust::Remembered)? {
        AssetState::Present => Ok(asset.files.first().map(|(_, path)| path.clone()).unwrap_or_default()),
        AssetState::Missing(path) => Err(AssetError::Missing { asset: name, path }),
        AssetState::WrongHash { path, expected, actual } => {
            Err(AssetError::WrongHash { asset: name, path, expected, actual })
        }
    }
}
