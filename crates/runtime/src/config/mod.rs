//! Configuration: one file, then the environment; flags are laid on top by the command itself.
//!
//! ```text
//!  defaults ◀── quire.toml ◀── QUIRE__SECTION__KEY ◀── flags
//! ```
//!
//! What must stay true: a key nobody knows is an error that names it and where it stands.

mod reference;

use std::{
    env,
    path::{Path, PathBuf},
};

use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
    value::Value,
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

pub use reference::reference;

/// Name of the configuration file.
pub const FILE_NAME: &str = "quire.toml";

/// What the environment variables begin with: `QUIRE__RENDER__CHILDREN=4` sets `children` of `[render]`.
pub const ENV_PREFIX: &str = "QUIRE__";

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named by the user is not there.
    #[error("configuration file {} does not exist", .0.display())]
    NoFile(PathBuf),
    /// A key or value is wrong; the message says which and where it was set.
    #[error("configuration is not valid: {0}")]
    Invalid(Box<figment::Error>),
}

/// Reads the configuration: defaults, then `file` or else the first of [`search_path`] that is there, then the
/// environment.
pub fn load<T>(file: Option<&Path>) -> Result<T, ConfigError>
where
    T: Default + Serialize + DeserializeOwned + JsonSchema,
{
    let file = match file {
        Some(named) if !named.is_file() => return Err(ConfigError::NoFile(named.to_owned())),
        Some(named) => Some(named.to_owned()),
        None => search_path().into_iter().find(|path| path.is_file()),
    };
    let mut layers = Figment::from(Serialized::defaults(T::default()));
    if let Some(file) = file {
        layers = layers.merge(Toml::file_exact(file));
    }
    let environment = Env::prefixed(ENV_PREFIX).split("__");
    let texts = texts::<T>(&environment);
    layers = layers.merge(environment);
    for text in texts {
        layers = layers.merge(text);
    }
    layers.extract().map_err(|error| ConfigError::Invalid(Box::new(error)))
}

/// Values of the environment that are text by the type of their key, but look like something else: a password
/// may be all digits.
fn texts<T: JsonSchema>(environment: &Env) -> Vec<(String, String)> {
    let schema = schemars::schema_for!(T).to_value();
    let looks_like_text = |value: &str| matches!(value.parse(), Ok(Value::String(..)));
    let variables = environment.iter().map(|(key, value)| (key.to_string(), value));
    variables.filter(|(key, value)| !looks_like_text(value) && reference::is_text(&schema, key)).collect()
}

/// Where a configuration file is looked for when none is named: the current folder, then the user's own.
pub fn search_path() -> Vec<PathBuf> {
    let user = env::var_os("XDG_CONFIG_HOME")
        .filter(|home| !home.is_empty())
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".config")));
    std::iter::once(PathBuf::from(FILE_NAME))
        .chain(user.map(|home| home.join("quire").join(FILE_NAME)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, time::Duration};

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(default, deny_unknown_fields)]
    struct Config {
        render: Render,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(default, deny_unknown_fields)]
    struct Render {
        children: u32,
        #[serde(with = "humantime_serde")]
        #[schemars(with = "String")]
        page_deadline: Duration,
    }

    impl Default for Render {
        fn default() -> Self {
            Self { children: 2, page_deadline: Duration::from_secs(20) }
        }
    }

    fn load_text(text: &str) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE_NAME);
        fs::write(&file, text).unwrap();
        load(Some(&file))
    }

    #[test]
    fn an_empty_file_is_the_default() {
        assert_eq!(load_text("").unwrap(), Config::default());
    }

    #[test]
    fn a_file_changes_only_what_it_names() {
        let config = load_text("[render]\npage_deadline = \"3s\"\n").unwrap();

        assert_eq!(config.render, Render { children: 2, page_deadline: Duration::from_secs(3) });
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_file() {
        let error = load_text("[render]\nchildern = 3\n").unwrap_err().to_string();

        assert!(error.contains("childern") && error.contains(FILE_NAME), "{error}");
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        let error = load::<Config>(Some(Path::new("nowhere.toml"))).unwrap_err();

        assert!(matches!(error, ConfigError::NoFile(_)));
    }
}
