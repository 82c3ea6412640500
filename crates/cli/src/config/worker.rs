//! `[worker]`: a worker of a fleet.

use std::{net::SocketAddr, path::PathBuf};

use bytesize::ByteSize;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AssetsConfig;

/// Worker of a fleet: `quire-worker`. How much work it holds is in the pipeline's table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerConfig {
    /// Folder for copies of documents. Workers of one machine may share it; it survives restarts.
    ///
    /// Default: `documents` in the folder of assets. Since 0.1.0.
    pub cache_dir: Option<PathBuf>,
    /// Size of that folder, from which the document leaves first that was not used for longest. Documents that are
    /// being read stay and may exceed it.
    ///
    /// Default: `8 GiB`. Since 0.1.0.
    #[schemars(with = "String")]
    pub cache_bytes: ByteSize,
    /// Address at which `/livez` and `/readyz` are answered, as `127.0.0.1:8081`.
    ///
    /// Default: none. Since 0.1.0.
    #[schemars(with = "Option<String>")]
    pub health: Option<SocketAddr>,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self { cache_dir: None, cache_bytes: ByteSize::gib(8), health: None }
    }
}

impl WorkerConfig {
    /// The cache folder in force.
    pub fn cache_folder(&self, assets: &AssetsConfig) -> PathBuf {
        self.cache_dir.clone().unwrap_or_else(|| assets.folder().join("documents"))
    }
}
