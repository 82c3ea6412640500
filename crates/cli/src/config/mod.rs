//! The configuration of a process: one struct per table of `quire.toml`.
//!
//! Flags are laid on top by the subcommand; `validate` runs after that, before anything starts.

mod assets;
mod client;
mod convert;
mod coordinator;
mod render;
mod worker;

use std::path::Path;

use quire_adapters::{RabbitMqConfig, RedisConfig, S3Config};
use quire_models::manifest::ManifestError;
use quire_proto::Profile;
use quire_worker::PipelineConfig;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::profile::profile;

pub use assets::AssetsConfig;
pub use client::ClientConfig;
pub use convert::ConvertConfig;
pub use coordinator::CoordinatorConfig;
pub use render::{RenderTable, Sandbox};
pub use worker::WorkerConfig;

/// Configuration of Quire.
///
/// Copy this file to quire.toml in the folder you work in, or to ~/.config/quire/quire.toml,
/// and uncomment what you change. The environment comes after the file:
/// QUIRE__RENDER__CHILDREN=4 sets `children` of `[render]`. Flags of the command come last.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    #[allow(missing_docs)]
    pub assets: AssetsConfig,
    #[allow(missing_docs)]
    pub render: RenderTable,
    #[allow(missing_docs)]
    pub pipeline: PipelineConfig,
    #[allow(missing_docs)]
    pub convert: ConvertConfig,
    #[allow(missing_docs)]
    pub rabbitmq: RabbitMqConfig,
    #[allow(missing_docs)]
    pub s3: S3Config,
    #[allow(missing_docs)]
    pub redis: RedisConfig,
    #[allow(missing_docs)]
    pub worker: WorkerConfig,
    #[allow(missing_docs)]
    pub coordinator: CoordinatorConfig,
    #[allow(missing_docs)]
    pub client: ClientConfig,
}

/// A value that cannot be, alone or beside another.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{table}.{key} {problem}")]
pub struct InvalidConfig {
    /// The table.
    pub table: &'static str,
    /// The key.
    pub key: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl Config {
    /// Reads the configuration from `file`, or from where it is looked for, and from the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, quire_runtime::config::ConfigError> {
        quire_runtime::config::load(file)
    }

    /// Checks what the types cannot express.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        self.render.validate()?;
        self.coordinator.validate()?;
        self.convert.validate()
    }

    /// What decides how pages are read with this configuration.
    pub fn profile(&self) -> Result<Profile, ManifestError> {
        Ok(profile(&self.assets.manifest()?, self.convert.options()))
    }

    /// The reference file.
    pub fn reference() -> anyhow::Result<String> {
        Ok(quire_runtime::config::reference::<Self>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_valid() {
        assert_eq!(Config::default().validate(), Ok(()));
    }

    #[test]
    fn the_reference_uncommented_is_the_default() {
        let reference = Config::reference().unwrap();

        let is_value = |line: &&str| line.starts_with('[') || line.contains(" = ");
        let values: Vec<&str> =
            reference.lines().map(|line| line.trim_start_matches("# ")).filter(is_value).collect();

        let parsed: Config = toml::from_str(&values.join("\n")).unwrap();
        assert_eq!(parsed, Config::default());
    }
}
