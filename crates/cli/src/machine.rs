//! What reads pages on this machine: render children and models, started together.

use std::{num::NonZeroUsize, sync::Arc};

use anyhow::Context;
use quire_models::{
    Models,
    assets::AssetStore,
    manifest::{LibraryName, Manifest},
    provider::Provider,
};
use quire_ports::Ports;
use quire_proto::Profile;
use quire_render::RenderPool;
use quire_worker::{Documents, Place, ReadingParts, ServiceLimits, Worker, page::PageReader, trace::Trace};

use crate::{config::Config, profile::profile};

/// Children that run and models that are warm.
pub(crate) struct Machine {
    /// The render children.
    pub(crate) render: RenderPool,
    /// What its records are made by.
    pub(crate) profile: Profile,
    children: NonZeroUsize,
    models: Models,
}

impl Machine {
    /// Starts children and loads models. Must be called inside a tokio runtime.
    pub(crate) async fn start(config: &Config) -> anyhow::Result<Self> {
        let manifest = config.assets.manifest().context("read the manifest of assets")?;
        let assets = config.assets.store();
        let pdfium = assets.resolve_library(&manifest, LibraryName::Pdfium)?;
        let render = config.render.to_config(&pdfium)?;
        let children = render.children;
        let (render, models) =
            tokio::try_join!(start_children(render), load_models(config, &assets, &manifest))?;
        Ok(Self { render, profile: profile(&manifest, config.convert.options()), children, models })
    }

    /// A worker that reads with them; documents lie at `place` meanwhile.
    pub(crate) fn into_worker(
        self,
        config: &Config,
        ports: Ports,
        place: Place,
        password: Option<String>,
        trace: Trace,
    ) -> anyhow::Result<Worker> {
        let profile = self.profile.clone();
        let reader = Arc::new(self.into_reader(config, trace)?);
        let documents = Documents::new(ports.store.clone(), place, password);
        Ok(Worker::new(ports, documents, reader, profile, ServiceLimits::new(&config.pipeline)))
    }

    fn into_reader(self, config: &Config, trace: Trace) -> anyhow::Result<PageReader> {
        let Self { render, profile, children, models } = self;
        let parts = ReadingParts { render, children, models, renderer: profile.renderer, trace };
        quire_worker::page_reader(parts, &config.pipeline).context("start the reader of pages")
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

/// Starts children and loads models. Must be called inside a tokio runtime.
pub async fn page_reader(config: &Config, trace: Trace) -> anyhow::Result<PageReading> {
    let provider = config.pipeline.provider(&config.assets.manifest()?);
    let machine = Machine::start(config).await?;
    let (render, profile) = (machine.render.clone(), machine.profile.clone());
    Ok(PageReading { reader: machine.into_reader(config, trace)?, render, profile, provider })
}

/// Starts render children, off the threads of the runtime.
pub(crate) async fn start_children(config: quire_render::RenderConfig) -> anyhow::Result<RenderPool> {
    Ok(tokio::task::spawn_blocking(move || RenderPool::start(config)).await??)
}

async fn load_models(config: &Config, assets: &AssetStore, manifest: &Manifest) -> anyhow::Result<Models> {
    let options = config.pipeline.models(manifest);
    let (assets, manifest) = (assets.clone(), manifest.clone());
    Ok(tokio::task::spawn_blocking(move || Models::load(&assets, &manifest, options)).await??)
}
