//! `quire serve`: the coordinator of a fleet, with its HTTP API.

use anyhow::Context;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::{
    Exit,
    args::Serve,
    config::Config,
    fleet::host::{Host, OpenJobs},
};

/// Serves until a signal.
pub(super) fn run(mut config: Config, arguments: &Serve) -> anyhow::Result<Exit> {
    if let Some(listen) = arguments.listen {
        config.coordinator.listen = listen;
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    runtime.block_on(serve(config))?;
    runtime.shutdown_background();
    Ok(Exit::Done)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    let signals = tokio::spawn(quire_runtime::cancel_on_signal(shutdown.clone()));
    let host = Host::start(config).await?;
    info!(address = %host.address()?, "ready for jobs");
    let answered = host.run(OpenJobs::Run, shutdown).await;
    signals.abort();
    info!("stopped");
    answered
}
