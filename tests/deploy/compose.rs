//! `docker-compose.yml`, as far as it is checked.

use std::{collections::BTreeMap, fs};

use quire_tests::workspace;
use serde::{Deserialize, de::IgnoredAny};

/// The whole file. A key that is not here is a slip, or is to be added here with its check.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compose {
    #[serde(rename = "name")]
    _name: IgnoredAny,
    #[serde(rename = "x-services")]
    _services: IgnoredAny,
    #[serde(rename = "x-needed")]
    _needed: IgnoredAny,
    pub(crate) services: BTreeMap<String, Service>,
    pub(crate) volumes: BTreeMap<String, Option<IgnoredAny>>,
}

/// One service.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    pub(crate) image: String,
    pub(crate) build: Option<Build>,
    #[serde(default)]
    pub(crate) entrypoint: Vec<String>,
    #[serde(default)]
    pub(crate) command: Vec<String>,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) ports: Vec<String>,
    #[serde(default)]
    pub(crate) volumes: Vec<String>,
    #[serde(default)]
    pub(crate) depends_on: BTreeMap<String, Dependency>,
    pub(crate) healthcheck: Option<Healthcheck>,
    #[serde(default)]
    pub(crate) profiles: Vec<String>,
    pub(crate) container_name: Option<String>,
    #[serde(rename = "hostname")]
    _hostname: Option<IgnoredAny>,
    #[serde(rename = "cpus")]
    _cpus: Option<f64>,
    #[serde(rename = "deploy")]
    _deploy: Option<IgnoredAny>,
    #[serde(rename = "stop_grace_period")]
    _stop_grace_period: Option<IgnoredAny>,
    #[serde(rename = "cap_drop")]
    _cap_drop: Option<IgnoredAny>,
    #[serde(rename = "security_opt")]
    _security_opt: Option<IgnoredAny>,
    #[serde(rename = "restart")]
    _restart: String,
}

/// What an image is built from.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Build {
    pub(crate) context: String,
    pub(crate) dockerfile: String,
}

/// What must be true of another service first.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dependency {
    pub(crate) condition: String,
}

/// How the engine sees that a service works.
#[derive(Clone, Deserialize)]
pub(crate) struct Healthcheck {
    pub(crate) test: Vec<String>,
}

/// The file as it is.
pub(crate) fn text() -> String {
    fs::read_to_string(workspace().join("docker-compose.yml")).expect("the file can be read")
}

/// Reads a file with the defaults of its variables.
pub(crate) fn parse(text: &str) -> anyhow::Result<Compose> {
    Ok(serde_saphyr::from_str(&with_defaults(text)?)?)
}

/// Puts the default for every `${NAME:-default}`. A variable without one would stop whoever tries the file first.
fn with_defaults(text: &str) -> anyhow::Result<String> {
    let mut parts = text.split("${");
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}').unwrap_or((part, ""));
        let default = variable.split_once(":-").map(|(_, default)| default);
        whole += default.ok_or_else(|| anyhow::anyhow!("{variable} has no default"))?;
        whole += rest;
    }
    Ok(whole)
}
