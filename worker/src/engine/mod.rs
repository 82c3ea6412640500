//! The loaded models, each on threads of its own behind a micro-batcher.

mod batch_models;
mod limits;

use std::{collections::BTreeMap, io, sync::Arc};

use quire_models::{
    Loaded, Models,
    detect::{DetectInput, DetectParams, ProbMap},
    layout::{LayoutParams, RawLayout},
    orient::{HalfTurn, OrientParams},
    recognize::{Alphabet, CtcPath, LineImage, RecognizeParams},
    session::Tensor,
    table::{TableParams, TableStep, Vocabulary},
};

pub use limits::EngineLimits;

use crate::{
    batcher::{self, BatchError, BatchModel, Batcher},
    meter::{Meter, Reading},
};
use batch_models::{Detect, Layout, Orient, Recognize, Table};

/// The way to all models. Clones share them; the threads end with the last clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    layout: Option<(Batcher<Tensor, RawLayout>, Arc<LayoutParams>)>,
    reader: Option<TextReader>,
    orient: Option<(Batcher<Arc<LineImage>, HalfTurn>, OrientParams)>,
    table: Option<TableNetwork>,
    digests: BTreeMap<String, String>,
    meters: BTreeMap<&'static str, Meter>,
}

/// Detection and recognition: one is of no use without the other.
pub(crate) struct TextReader {
    detect: Batcher<DetectInput, ProbMap>,
    pub(crate) detect_params: DetectParams,
    recognize: Batcher<Arc<LineImage>, CtcPath>,
    pub(crate) recognize_params: Arc<RecognizeParams>,
    pub(crate) alphabet: Alphabet,
}

impl TextReader {
    pub(crate) async fn detect(&self, page: DetectInput) -> Result<ProbMap, BatchError> {
        self.detect.submit(page).await
    }

    pub(crate) async fn recognize(&self, line: Arc<LineImage>) -> Result<CtcPath, BatchError> {
        self.recognize.submit(line).await
    }
}

/// The table network, and what its tokens mean.
pub(crate) struct TableNetwork {
    thread: Batcher<Tensor, Vec<TableStep>>,
    pub(crate) params: TableParams,
    pub(crate) vocabulary: Vocabulary,
}

impl TableNetwork {
    pub(crate) async fn read(&self, table: Tensor) -> Result<Vec<TableStep>, BatchError> {
        self.thread.submit(table).await
    }
}

impl Engine {
    /// Puts each model on its thread, the recogniser on one for each copy.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(models: Models, limits: &EngineLimits) -> io::Result<Self> {
        let Models { layout, detect, recognize, orient, table, digests } = models;
        let digests = digests.into_iter().map(|(role, digest)| (role.to_string(), digest)).collect();
        let mut meters = BTreeMap::new();
        let mut meter = |name| meters.entry(name).or_insert_with(Meter::default).clone();

        let layout = layout
            .map(|model| {
                let params = Arc::new(model.params().clone());
                batcher::spawn(vec![Layout(model)], limits.pages, &meter(Layout::NAME))
                    .map(|thread| (thread, params))
            })
            .transpose()?;
        let reader = detect
            .zip(recognize)
            .map(|(detect, (recognize, alphabet))| {
                let params = Arc::new(recognize.params);
                let copies = recognize.network.into_iter();
                let copies = copies.map(|network| Recognize { network, params: Arc::clone(&params) });
                let copies = copies.collect();
                io::Result::Ok(TextReader {
                    detect: batcher::spawn(vec![Detect(detect.network)], limits.pages, &meter(Detect::NAME))?,
                    detect_params: detect.params,
                    recognize: batcher::spawn(copies, limits.lines, &meter(Recognize::NAME))?,
                    recognize_params: params,
                    alphabet,
                })
            })
            .transpose()?;
        let orient = orient
            .map(|Loaded { network, params }| {
                let model = Orient { network, normalise: params.normalise };
                batcher::spawn(vec![model], limits.lines, &meter(Orient::NAME)).map(|thread| (thread, params))
            })
            .transpose()?;
        let table = table
            .map(|(Loaded { network, params }, vocabulary)| {
                let thread = batcher::spawn(vec![Table(network)], limits.pages, &meter(Table::NAME))?;
                io::Result::Ok(TableNetwork { thread, params, vocabulary })
            })
            .transpose()?;
        Ok(Self(Arc::new(Inner { layout, reader, orient, table, digests, meters })))
    }

    /// SHA-256 of each model, by role.
    pub fn digests(&self) -> &BTreeMap<String, String> {
        &self.0.digests
    }

    /// What each model has done so far.
    pub fn readings(&self) -> BTreeMap<&'static str, Reading> {
        self.0.meters.iter().map(|(name, meter)| (*name, meter.read())).collect()
    }

    /// Whether text can be recognised: both networks are there.
    pub fn can_read(&self) -> bool {
        self.0.reader.is_some()
    }

    /// Whether regions can be found.
    pub fn can_lay_out(&self) -> bool {
        self.0.layout.is_some()
    }

    /// Detection and recognition.
    pub(crate) fn reader(&self) -> Option<&TextReader> {
        self.0.reader.as_ref()
    }

    /// Table structure.
    pub(crate) fn table(&self) -> Option<&TableNetwork> {
        self.0.table.as_ref()
    }

    /// What layout needs to know about its pictures.
    pub(crate) fn layout_params(&self) -> Option<&Arc<LayoutParams>> {
        self.0.layout.as_ref().map(|(_, params)| params)
    }

    /// What orientation is judged by.
    pub(crate) fn orient_params(&self) -> OrientParams {
        self.0.orient.as_ref().map(|(_, params)| *params).unwrap_or_default()
    }

    pub(crate) async fn layout(&self, page: Tensor) -> Result<Option<RawLayout>, BatchError> {
        match &self.0.layout {
            Some((layout, _)) => layout.submit(page).await.map(Some),
            None => Ok(None),
        }
    }

    pub(crate) async fn orient(&self, line: Arc<LineImage>) -> Result<Option<HalfTurn>, BatchError> {
        match &self.0.orient {
            Some((orient, _)) => orient.submit(line).await.map(Some),
            None => Ok(None),
        }
    }
}
