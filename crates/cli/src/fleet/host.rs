//! A coordinator in this process: its services, its render children and its HTTP API.
//!
//! `quire serve` is one for all, and each command with `--direct` has one of its own.

use std::{net::SocketAddr, num::NonZeroUsize, sync::Arc, time::Duration};

use anyhow::Context;
use quire_coordinator::{Coordinator, Service};
use quire_models::manifest::LibraryName;
use quire_ports::QueueLimits;
use quire_render::RenderPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{connect::connect, scratch::Scratch};
use crate::{
    api::{self, ApiParts},
    config::Config,
    embedded::PoolCounter,
    machine::start_children,
    profile::profile,
};

/// Longest that requests may take to be answered after the signal to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Children that count pages, unless the configuration says otherwise.
const COUNTERS: NonZeroUsize = const { NonZeroUsize::new(2).unwrap() };

/// What becomes of open jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenJobs {
    /// They are run.
    Run,
    /// They are left to other coordinators.
    Leave,
}

/// A coordinator that could answer its first request.
pub(crate) struct Host {
    listener: TcpListener,
    service: Arc<Service>,
    parts: ApiParts,
    render: RenderPool,
    _scratch: Scratch,
}

impl Host {
    /// Listens at the address of `[coordinator]`, connects to all services and starts render children.
    pub(crate) async fn start(mut config: Config) -> anyhow::Result<Self> {
        config.render.children.get_or_insert(COUNTERS);
        config.validate()?;
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
            range_pages: config.coordinator.range_pages,
            scratch: scratch.path().to_owned(),
            max_document: config.coordinator.max_document.as_u64(),
            token: config.coordinator.token,
        };
        Ok(Self { listener, service, parts, render, _scratch: scratch })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Answers requests until `shutdown`.
    pub(crate) async fn run(self, open: OpenJobs, shutdown: CancellationToken) -> anyhow::Result<()> {
        let Self { listener, service, parts, render, _scratch } = self;
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
        let jobs = async {
            if open == OpenJobs::Run {
                service.run(shutdown.clone()).await;
            }
        };
        let ((), answered) = tokio::join!(jobs, answer);
        render.shutdown().await;
        answered.context("answer requests")
    }
}
