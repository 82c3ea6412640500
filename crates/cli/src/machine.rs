//! What reads pages on this machine: render children and networks, started together.

use std::{num::NonZeroUsize, sync::Arc, time::Duration};

use anyhow::Context;
use quire_models::{ModelLoader, manifest::LibraryName, provider::Provider};
use quire_ports::Ports;
use quire_proto::Profile;
use quire_render::RenderPool;
use quire_worker::{
    Documents, Place, ReadingParts, ServiceLimits, Worker,
    engine::{Engine, EngineLimits},
    page::PageReader,
    trace::Trace,
};

use crate::{config::Config, profile::profile};

/// Longest that the work of abandoned pages is waited for: it holds networks, which must be gone before the process.
pub const ENDS_WITHIN: Duration = Duration::from_secs(3);

/// When networks are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// At the start, all of them: whoever is ready then answers without delay.
    AtStart,
    /// When the first page needs one: whoever waits for an answer waits for no more than it takes.
    WhenNeeded,
}

/// Children that run and networks that open.
pub(crate) struct Machine {
    /// The render children.
    pub(crate) render: RenderPool,
    /// What its records are made by.
    pub(crate) profile: Profile,
    children: NonZeroUsize,
    children_fixed: bool,
    engine: Engine,
    trace: Trace,
}

impl Machine {
    /// Starts children and opens networks, whose work `trace` records. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// Also when a file is missing that will be needed later.
    pub(crate) async fn start(config: &Config, opening: Opening, trace: Trace) -> anyhow::Result<Self> {
        let manifest = config.assets.manifest().context("read the manifest of assets")?;
        let assets = config.assets.store();
        let pdfium = assets.resolve_library(&manifest, LibraryName::Pdfium)?;
        let render = config.render.to_config(&pdfium)?;
        let (children, children_fixed) = (render.children, config.render.children.is_some());
        let profile = profile(&manifest, config.convert.options());
        let options = config.pipeline.models(&manifest);
        let loader = ModelLoader::new(assets, manifest, options)?;
        let engine = Engine::new(loader, EngineLimits::new(&config.pipeline), &trace);
        let open = async {
            match opening {
                Opening::AtStart => engine.open().await.map_err(anyhow::Error::from),
                Opening::WhenNeeded => Ok(()),
            }
        };
        let (render, ()) = tokio::try_join!(start_children(render), open)?;
        Ok(Self { render, profile, children, children_fixed, engine, trace })
    }

    /// A worker that reads with them; documents lie at `place` meanwhile.
    pub(crate) fn into_worker(
        self,
        config: &Config,
        ports: Ports,
        place: Place,
        password: Option<String>,
    ) -> Worker {
        let profile = self.profile.clone();
        let reader = Arc::new(self.into_reader(config));
        let documents = Documents::new(ports.store.clone(), place, password);
        Worker::new(ports, documents, reader, profile, ServiceLimits::new(&config.pipeline))
    }

    fn into_reader(self, config: &Config) -> PageReader {
        let Self { render, profile, children, children_fixed, engine, trace } = self;
        let renderer = profile.renderer;
        let parts = ReadingParts { render, children, children_fixed, engine, renderer, trace };
        quire_worker::page_reader(parts, &config.pipeline)
    }
}

/// What reads pages on this machine, without a queue or a store around it: to measure it.
pub struct PageReading {
    /// Reads pages.
    pub reader: PageReader,
    /// Its children.
    pub render: RenderPool,
    /// What its records are made by.
    pub profile: Profile,
    /// What computes its networks.
    pub provider: Provider,
}

/// Starts children and opens networks. Must be called inside a tokio runtime.
pub async fn page_reader(config: &Config, trace: Trace) -> anyhow::Result<PageReading> {
    let provider = config.pipeline.provider(&config.assets.manifest()?);
    let machine = Machine::start(config, Opening::AtStart, trace).await?;
    let (render, profile) = (machine.render.clone(), machine.profile.clone());
    Ok(PageReading { reader: machine.into_reader(config), render, profile, provider })
}

/// Starts render children, off the threads of the runtime.
pub(crate) async fn start_children(config: quire_render::RenderConfig) -> anyhow::Result<RenderPool> {
    Ok(tokio::task::spawn_blocking(move || RenderPool::start(config)).await??)
}
