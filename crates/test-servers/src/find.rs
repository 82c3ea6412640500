//! Where the programs are, and what to do when they are not.

use std::{env, path::PathBuf};

use anyhow::{Context, Result};

/// Debian's own `rabbitmq-server` in the path changes to another user, which a private broker must not.
const RABBITMQ_FOLDER: &str = "/usr/lib/rabbitmq/bin";

/// A program of RabbitMQ.
pub(crate) fn rabbitmq(name: &str) -> Result<PathBuf> {
    find(name, &[PathBuf::from(RABBITMQ_FOLDER)])
}

/// A program of the system.
pub(crate) fn system(name: &str) -> Result<PathBuf> {
    find(name, &[])
}

/// The Python that has moto: that of `make test-setup`.
pub(crate) fn moto_python() -> Result<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| Some(env::home_dir()?.join(".cache"))).unwrap_or_default();
    let python = cache.join("quire/test-servers/bin/python");
    python.is_file().then_some(python).context("moto is not installed: run `make test-setup`")
}

fn find(name: &str, first: &[PathBuf]) -> Result<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    // Servers are in the path of administrators only.
    let last = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let folders = first.iter().cloned().chain(env::split_paths(&path)).chain(last);
    folders
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .with_context(|| format!("{name} is not installed: run `make test-setup`"))
}
