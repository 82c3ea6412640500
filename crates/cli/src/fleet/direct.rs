//! `--direct`: a coordinator that lives as long as the command that asks it, so that no other is needed.
//!
//! It answers on loopback, at a port that the system chooses, and only to the command itself.

use std::{
    fs::File,
    io::{self, Read},
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::Context;
use quire_adapters::s3::Secret;
use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::host::{Host, OpenJobs};
use crate::config::Config;

/// Longest that the end of a command may wait for its coordinator.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

/// A coordinator that ends with this value.
pub(crate) struct Direct {
    /// Where it answers.
    pub(crate) address: SocketAddr,
    /// What it asks for.
    pub(crate) token: Secret,
    // Both are taken at the end.
    running: Option<(Runtime, JoinHandle<anyhow::Result<()>>)>,
    shutdown: CancellationToken,
}

impl Direct {
    /// Starts it over the services of the configuration.
    pub(crate) fn start(config: &Config, open: OpenJobs) -> anyhow::Result<Self> {
        let token = random_token().context("make a token")?;
        let mut config = config.clone();
        config.coordinator.listen = (Ipv4Addr::LOCALHOST, 0).into();
        config.coordinator.token = Some(token.clone());
        let runtime = Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
        let host = runtime.block_on(Host::start(config))?;
        let (address, shutdown) = (host.address()?, CancellationToken::new());
        let answering = runtime.spawn(host.run(open, shutdown.clone()));
        Ok(Self { address, token, running: Some((runtime, answering)), shutdown })
    }
}

impl Drop for Direct {
    fn drop(&mut self) {
        self.shutdown.cancel();
        let Some((runtime, answering)) = self.running.take() else { return };
        // What is open goes on in another coordinator, so nothing is lost with one that takes too long.
        match runtime.block_on(async { tokio::time::timeout(ENDS_WITHIN, answering).await }) {
            Ok(Ok(Ok(()))) => {}
            ended => warn!(?ended, "the coordinator of this command did not end as it should"),
        }
        runtime.shutdown_background();
    }
}

/// A token that nobody can guess: other users of this machine can reach the port.
fn random_token() -> io::Result<Secret> {
    let mut random = [0; 32];
    File::open("/dev/urandom")?.read_exact(&mut random)?;
    Ok(Secret::from(hex::encode(random).as_str()))
}
