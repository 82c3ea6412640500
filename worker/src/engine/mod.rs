//! The networks, their copies on threads of their own behind micro-batchers, opened when a page first needs them.
//!
//! A born-digital page needs layout alone, so it does not wait until recognition is ready; a run that finds all its
//! results in the store opens nothing.

mod batch_models;
mod limits;
mod networks;

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use quire_models::{LoadError, ModelLoader, Models, manifest::Role};
use tokio::{
    sync::OnceCell,
    task::{JoinError, spawn_blocking},
};

pub use limits::EngineLimits;
pub(crate) use networks::{LayoutNetwork, LineReader, OtherReader, TableNetwork, TextReader, WriterNetwork};

use crate::{
    meter::{Meter, Reading},
    trace::Trace,
};
use networks::Start;

/// The way to all networks. Clones share them; the threads end with the last clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    loader: ModelLoader,
    layout: OnceCell<Option<LayoutNetwork>>,
    reader: OnceCell<Option<TextReader>>,
    others: OnceCell<Vec<OtherReader>>,
    table: OnceCell<Option<TableNetwork>>,
    transcriber: OnceCell<Option<WriterNetwork>>,
    formula: OnceCell<Option<WriterNetwork>>,
    digests: BTreeMap<String, String>,
    start: Mutex<Start>,
}

/// Why networks are not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// They do not load.
    #[error("load the networks")]
    Load(#[from] LoadError),
    /// The system refuses a thread.
    #[error("start the threads of the networks")]
    Thread(#[from] io::Error),
    /// Loading panicked, which is a bug, or the process is stopping.
    #[error("loading did not finish")]
    Unfinished(#[from] JoinError),
}

/// Networks that are opened together.
const READING: [Role; 3] = [Role::Detect, Role::Recognize, Role::Orient];

impl Engine {
    /// An engine that opens its networks with `loader`; `trace` records their work.
    pub fn new(loader: ModelLoader, limits: EngineLimits, trace: &Trace) -> Self {
        let extra = [Role::Transcribe, Role::Formula].into_iter().filter(|role| loader.has(*role));
        let roles = Role::BUILT_IN.into_iter().chain(extra);
        let meters = roles.map(|role| (role, Meter::default())).collect();
        let digests = loader.digests();
        Self(Arc::new(Inner {
            loader,
            layout: OnceCell::new(),
            reader: OnceCell::new(),
            others: OnceCell::new(),
            table: OnceCell::new(),
            transcriber: OnceCell::new(),
            formula: OnceCell::new(),
            digests,
            start: Mutex::new(Start { limits, meters, trace: trace.clone() }),
        }))
    }

    /// Opens every network now, all beside each other.
    pub async fn open(&self) -> Result<(), OpenError> {
        let seen =
            async { tokio::try_join!(self.layout(), self.reader(), self.others(), self.table()).map(drop) };
        let written = async { tokio::try_join!(self.transcriber(), self.formula()).map(drop) };
        tokio::try_join!(seen, written).map(drop)
    }

    /// By what micro-batches close now.
    pub fn limits(&self) -> EngineLimits {
        self.start().limits
    }

    /// Later micro-batches close by `limits`.
    pub fn set_limits(&self, limits: &EngineLimits) {
        self.start().limits = *limits;
        if let Some(Some(layout)) = self.0.layout.get() {
            layout.set_limits(limits);
        }
        if let Some(Some(reader)) = self.0.reader.get() {
            reader.set_limits(limits);
        }
        for other in self.0.others.get().into_iter().flatten() {
            other.lines.set_limits(limits);
        }
        for network in
            [&self.0.transcriber, &self.0.formula].into_iter().filter_map(|cell| cell.get()?.as_ref())
        {
            network.set_limits(limits);
        }
    }

    /// SHA-256 of each model, by its name.
    pub fn digests(&self) -> &BTreeMap<String, String> {
        &self.0.digests
    }

    /// What each network has done so far.
    pub fn readings(&self) -> BTreeMap<Role, Reading> {
        self.start().meters.iter().map(|(role, meter)| (*role, meter.read())).collect()
    }

    /// Whether text can be recognised: both networks are there.
    pub fn can_read(&self) -> bool {
        self.0.loader.has(Role::Detect) && self.0.loader.has(Role::Recognize)
    }

    /// Whether regions can be found.
    pub fn can_lay_out(&self) -> bool {
        self.0.loader.has(Role::Layout)
    }

    /// Layout; none without the network.
    pub(crate) async fn layout(&self) -> Result<Option<&LayoutNetwork>, OpenError> {
        let open = || self.opened(&[Role::Layout], LayoutNetwork::start);
        Ok(self.0.layout.get_or_try_init(open).await?.as_ref())
    }

    /// Detection, recognition and orientation; none without the first two.
    pub(crate) async fn reader(&self) -> Result<Option<&TextReader>, OpenError> {
        let open = || self.opened(&READING, TextReader::start);
        Ok(self.0.reader.get_or_try_init(open).await?.as_ref())
    }

    /// Recognisers for scripts that the first one does not know.
    pub(crate) async fn others(&self) -> Result<&[OtherReader], OpenError> {
        if self.0.loader.other_recognizers() == 0 {
            return Ok(&[]);
        }
        let open = || async {
            let inner = Arc::clone(&self.0);
            let loaded = spawn_blocking(move || inner.loader.load_other_recognizers()).await??;
            let start = self.start();
            let opened =
                loaded.into_iter().map(|(scripts, models)| OtherReader::start(scripts, models, &start));
            opened.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()
        };
        Ok(self.0.others.get_or_try_init(open).await?)
    }

    /// Table structure; none without the network.
    pub(crate) async fn table(&self) -> Result<Option<&TableNetwork>, OpenError> {
        let open = || self.opened(&[Role::Table], TableNetwork::start);
        Ok(self.0.table.get_or_try_init(open).await?.as_ref())
    }

    /// A second reading of lines; none without the network.
    pub(crate) async fn transcriber(&self) -> Result<Option<&WriterNetwork>, OpenError> {
        if !self.0.loader.has(Role::Transcribe) {
            return Ok(None);
        }
        let open = || self.opened(&[Role::Transcribe], WriterNetwork::start_transcribe);
        Ok(self.0.transcriber.get_or_try_init(open).await?.as_ref())
    }

    /// Formulas in LaTeX; none without the network.
    pub(crate) async fn formula(&self) -> Result<Option<&WriterNetwork>, OpenError> {
        if !self.0.loader.has(Role::Formula) {
            return Ok(None);
        }
        let open = || self.opened(&[Role::Formula], WriterNetwork::start_formula);
        Ok(self.0.formula.get_or_try_init(open).await?.as_ref())
    }

    /// Loads the models of `roles` and starts their threads.
    async fn opened<N: Send + 'static>(
        &self,
        roles: &'static [Role],
        start: fn(Models, &Start) -> Result<Option<N>, OpenError>,
    ) -> Result<Option<N>, OpenError> {
        let inner = Arc::clone(&self.0);
        let models = spawn_blocking(move || inner.loader.load(roles)).await??;
        start(models, &self.start())
    }

    fn start(&self) -> MutexGuard<'_, Start> {
        self.0.start.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
