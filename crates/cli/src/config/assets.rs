//! `[assets]`: where native libraries and models lie.

use std::{env, path::PathBuf};

use quire_models::{
    assets::AssetStore,
    manifest::{Manifest, ManifestError},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where native libraries and models lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AssetsConfig {
    /// Folder for libraries, models and prepared graphs, about 100 MB. May be shared by users and machines.
    ///
    /// Default: quire below $XDG_CACHE_HOME or ~/.cache. Since 0.1.0.
    pub dir: Option<PathBuf>,
    /// Manifest of libraries and models: name another to use other models.
    ///
    /// Default: the one built in. Since 0.1.0.
    pub manifest: Option<PathBuf>,
    /// Python whose pip downloads the packages; used by `quire setup` only.
    ///
    /// Default: `python3`. Since 0.1.0.
    pub python: PathBuf,
}

impl Default for AssetsConfig {
    fn default() -> Self {
        Self { dir: None, manifest: None, python: PathBuf::from("python3") }
    }
}

impl AssetsConfig {
    /// The folder in force.
    pub fn folder(&self) -> PathBuf {
        let cache = || {
            let set = env::var_os("XDG_CACHE_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
            // Without a home, as in some containers, the current folder is the only place we know of.
            set.or_else(|| env::home_dir().map(|home| home.join(".cache"))).unwrap_or_default().join("quire")
        };
        self.dir.clone().unwrap_or_else(cache)
    }

    /// The store in that folder.
    pub fn store(&self) -> AssetStore {
        AssetStore::new(self.folder()).with_python(&self.python)
    }

    /// The manifest in force.
    pub fn manifest(&self) -> Result<Manifest, ManifestError> {
        self.manifest.as_deref().map_or_else(Manifest::built_in, Manifest::read)
    }
}
