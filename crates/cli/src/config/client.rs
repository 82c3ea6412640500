//! `[client]`: where `quire submit`, `status` and the others find the coordinator.

use quire_adapters::s3::Secret;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where `quire submit`, `status`, `watch` and the others find the coordinator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ClientConfig {
    /// Address of the coordinator.
    ///
    /// Default: `http://127.0.0.1:8080`. Since 0.1.0.
    pub server: String,
    /// Ask no coordinator: each command is one for as long as it takes, over the services of this configuration. It
    /// runs open jobs while it waits for one, and leaves them to other coordinators otherwise.
    ///
    /// Default: `false`. Since 0.1.0.
    pub direct: bool,
    /// Whose jobs these are. Tenants share the fleet by weight and never see each other's results.
    ///
    /// Default: `local`. Since 0.1.0.
    pub tenant: String,
    /// Token that the coordinator asks for; set it in the environment as QUIRE__CLIENT__TOKEN.
    ///
    /// Default: none. Since 0.1.0.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<String>")]
    pub token: Option<Secret>,
}

impl Default for ClientConfig {
    fn default() -> Self {
        let server = "http://127.0.0.1:8080".to_owned();
        Self { server, direct: false, tenant: "local".to_owned(), token: None }
    }
}
