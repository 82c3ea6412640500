//! `quire-worker`: page ranges in, page records out, until it is told to stop.
//!
//! ```text
//!  connect ─┬─▶ work ── signal ─▶ drain ─▶ exit
//!  machine ─┘     └─ health
//! ```

use std::sync::Arc;

use anyhow::Context;
use clap::Parser;
use quire_ports::{JobQueue, QueueLimits};
use quire_render::RenderPool;
use quire_worker::{DocumentCache, Place, Worker, trace::Trace};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::{
    connect::connect,
    device::Device,
    health::{self, Stage},
};
use crate::{
    args::Common,
    config::Config,
    logging,
    machine::{ENDS_WITHIN, Machine, Opening},
};

/// Takes page ranges from the queue, reads their pages and stores the records.
#[derive(Debug, Parser)]
#[command(name = "quire-worker", version, max_term_width = 100)]
#[command(
    after_help = "The first SIGTERM or SIGINT drains: pages in flight finish, everything else goes back to \
                        the queue. The second ends the process at once. Exit codes: 0 after a drain, 2 wrong \
                        arguments or configuration, 1 anything else."
)]
pub struct WorkerOptions {
    /// What computes the networks: cpu or cuda:NUMBER; otherwise what the configuration says
    #[arg(long, value_name = "DEVICE")]
    device: Option<Device>,
    #[command(flatten)]
    common: Common,
}

/// Works until a signal.
pub(crate) fn run(options: &WorkerOptions) -> anyhow::Result<()> {
    logging::start_service(&options.common);
    let mut config = Config::load(options.common.config.as_deref())?;
    config.validate()?;
    if let Some(device) = options.device {
        device.apply(&mut config.pipeline);
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("start the runtime")?;
    let worked = runtime.block_on(work(&config));
    runtime.shutdown_timeout(ENDS_WITHIN);
    worked
}

async fn work(config: &Config) -> anyhow::Result<()> {
    let shutdown = CancellationToken::new();
    let signals = tokio::spawn(quire_runtime::cancel_on_signal(shutdown.clone()));
    let (stage, seen) = watch::channel(Stage::Starting);
    if let Some(address) = config.worker.health {
        health::serve(address, seen).await?;
    }
    let started = tokio::select! {
        () = shutdown.cancelled() => return Ok(()),
        started = Started::new(config) => started?,
    };
    let ended = started.run(stage, &shutdown).await;
    signals.abort();
    ended
}

/// A worker that could take its first range.
struct Started {
    worker: Worker,
    render: RenderPool,
    queue: Arc<dyn JobQueue>,
}

impl Started {
    async fn new(config: &Config) -> anyhow::Result<Self> {
        let limits = QueueLimits { prefetch: config.pipeline.ranges().get(), ..QueueLimits::default() };
        // Whoever starts a fleet wants to hear of a wrong address before models are loaded.
        let ports = connect(config, limits).await?;
        let folder = config.worker.cache_folder(&config.assets);
        let cache = DocumentCache::open(folder.clone(), config.worker.cache_bytes.as_u64())
            .with_context(|| format!("open the document cache {}", folder.display()))?;
        let machine = Machine::start(config, Opening::AtStart, Trace::default()).await?;
        let (render, queue) = (machine.render.clone(), ports.queue.clone());
        info!(profile = %machine.profile.id(), "models are warm");
        let worker = machine.into_worker(config, ports, Place::Cache(cache), None);
        Ok(Self { worker, render, queue })
    }

    async fn run(self, stage: watch::Sender<Stage>, shutdown: &CancellationToken) -> anyhow::Result<()> {
        stage.send_replace(Stage::Working(self.queue));
        info!("ready for page ranges");
        let stopping = shutdown.clone();
        tokio::spawn(async move {
            stopping.cancelled().await;
            stage.send_replace(Stage::Stopping);
        });
        let worked = self.worker.run(shutdown).await;
        self.render.shutdown().await;
        info!("stopped");
        worked.context("read pages")
    }
}
