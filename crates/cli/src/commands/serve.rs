//! `quire serve`: the coordinator of a fleet, with its HTTP API.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use anyhow::Context;
use quire_coordinator::{Coordinator, Service};
use quire_models::manifest::LibraryName;
use quire_ports::QueueLimits;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::{
    Exit,
    api::{self, ApiParts},
    args::Serve,
    config::Config,
    embedded::PoolCounter,
    fleet::{connect::connect, scratch::Scratch},
    machine::start_children,
    profile::profile,
};

/// Longest that requests may take to be answered after the signal to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Children that count pages, unless the configuration says otherwise.
const COUNTERS: NonZeroUsize = const { NonZeroUsize::new(2).unwrap() };

/// Serves until a signal.
pub(super) fn run(mut config: Config, arguments: &Serve) -> anyhow::Result<Exit> {
    if let Some(listen) = arguments.listen {
        config.coordinator.listen = listen;
    }
    config.render.children.get_or_insert(COUNTERS);
    config.validate()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    runtime.block_on(serve(config))?;
    runtime.shutdown_background();
    Ok(Exit::Done)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    let signals = tokio::spawn(quire_runtime::cancel_on_signal(shutdown.clone()));
    let listen = config.coordinator.listen;
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!("listen on {listen}: stop what listens there, or choose another address with --listen")
    })?;
    let scratch = config.coordinator.scratch_folder(&config.assets);
    let scratch =
        Scratch::open(&scratch).with_context(|| format!("make a folder in {}", scratch.display()))?;
    let manifest = config.assets.manifest().context("read the manifest of assets")?;
    let pdfium = config.assets.store().resolve_library(&manifest, LibraryName::Pdfium)?;
    // Nothing of a connection is received: what is lent, workers need.
    let ports = connect(&config, QueueLimits::default()).await?;
    let render = start_children(config.render.to_config(&pdfium)?).await?;

    let counter = PoolCounter { pool: render.clone(), password: None };
    let settings = config.coordinator.settings(scratch.path().to_owned());
    let service = Arc::new(Service::new(Coordinator::new(ports.clone(), Arc::new(counter), settings)));
    let parts = ApiParts {
        service: service.clone(),
        ports,
        profile: profile(&manifest, config.convert.options()),
        scratch: scratch.path().to_owned(),
        max_document: config.coordinator.max_document.as_u64(),
        token: config.coordinator.token.clone(),
    };
    info!(address = %listener.local_addr()?, "ready for jobs");
    let answer = async {
        let late = async {
            shutdown.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            answered = api::serve(listener, parts, shutdown.clone()) => answered,
            () = late => Ok(()),
        }
        .inspect_err(|_| shutdown.cancel())
    };
    let ((), answered) = tokio::join!(service.run(shutdown.clone()), answer);
    signals.abort();
    render.shutdown().await;
    info!("stopped");
    answered.context("answer requests")
}
