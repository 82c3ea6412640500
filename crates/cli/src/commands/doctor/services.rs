//! The services of a fleet, as they stand now.

use anyhow::Context;
use quire_adapters::{ConnectError, s3::Conditions};
use quire_ports::QueueLimits;

use super::{Chain, Finding, Health, bad, good};
use crate::{
    config::Config,
    fleet::connect::{Attempts, attempt},
};

/// Connects to each service.
pub(super) fn services(config: &Config) -> anyhow::Result<Vec<Finding>> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    let Attempts { queue, store, progress } = runtime.block_on(attempt(config, QueueLimits::default()));
    let queue = finding("rabbitmq", config.rabbitmq.url.address(), queue.map(drop));
    let conditions = store.as_ref().ok().map(|(_, conditions)| *conditions);
    let mut store = finding("s3", config.s3.address(), store.map(drop));
    if conditions == Some(Conditions::Ignored) {
        store.health = Health::Weak;
        store.advice = Some(
            "it ignores If-None-Match, so two coordinators could write one manifest: run one, or another server"
                .to_owned(),
        );
    }
    let progress = finding("redis", config.redis.url.address(), progress.map(drop));
    runtime.shutdown_background();
    Ok(vec![queue, store, progress])
}

fn finding(what: &str, address: String, connected: Result<(), ConnectError>) -> Finding {
    match connected {
        Ok(()) => good(what, format!("{address} answers")),
        Err(error) => {
            let (ConnectError::Unreachable { remedy, .. } | ConnectError::Refused { remedy, .. }) = &error;
            bad(what, Chain(&error).to_string(), remedy)
        }
    }
}
