//! The loaded models, their copies on threads of their own behind micro-batchers.

mod batch_models;
mod limits;

use std::{collections::BTreeMap, io, sync::Arc};

use quire_models::{
    Loaded, Models,
    detect::{DetectInput, DetectParams, ProbMap},
    layout::{LayoutParams, RawLayout},
    orient::{HalfTurn, OrientParams},
    recognize::{Alphabet, CtcPath, LineImage, RecognizeParams},
    table::{TableParams, TableStep, Vocabulary},
};
use quire_raster::Raster;

pub use limits::EngineLimits;

use crate::{
    batcher::{self, BatchError, BatchModel, Batcher},
    meter::{Meter, Reading},
    trace::Trace,
};
use batch_models::{Detect, Layout, Orient, Recognize, Table};

/// The way to all models. Clones share them; the threads end with the last clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    layout: Option<(Batcher<Raster, RawLayout>, Arc<LayoutParams>)>,
    reader: Option<TextReader>,
    orient: Option<(Batcher<Raster, HalfTurn>, OrientParams)>,
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
    threads: Batcher<Raster, Vec<TableStep>>,
    pub(crate) params: TableParams,
    pub(crate) vocabulary: Vocabulary,
}

impl TableNetwork {
    pub(crate) async fn read(&self, table: Raster) -> Result<Vec<TableStep>, BatchError> {
        self.threads.submit(table).await
    }
}

impl Engine {
    /// Puts each copy of a model on a thread of its own; `trace` records their work.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn start(models: Models, limits: &EngineLimits, trace: &Trace) -> io::Result<Self> {
        let Models { layout, detect, recognize, orient, table, digests } = models;
        let digests = digests.into_iter().map(|(role, digest)| (role.to_string(), digest)).collect();
        let mut meters = BTreeMap::new();
        let mut meter = |name| meters.entry(name).or_insert_with(Meter::default).clone();

        let layout = layout
            .map(|Loaded { networks, params }| {
                let copies = networks.into_iter().map(Layout).collect();
                batcher::spawn(copies, limits.pages, &meter(Layout::NAME), trace)
                    .map(|threads| (threads, Arc::new(params)))
            })
            .transpose()?;
        let reader = detect
            .zip(recognize)
            .map(|(detect, recognize)| {
                let (params, alphabet) = recognize.params;
                let params = Arc::new(params);
                let detectors = detect.networks.into_iter().map(Detect).collect();
                let copies = recognize.networks.into_iter();
                let copies = copies.map(|network| Recognize { network, params: Arc::clone(&params) });
                let (pages, lines) = (limits.pages, limits.lines);
                io::Result::Ok(TextReader {
                    detect: batcher::spawn(detectors, pages, &meter(Detect::NAME), trace)?,
                    detect_params: detect.params,
                    recognize: batcher::spawn(copies.collect(), lines, &meter(Recognize::NAME), trace)?,
                    recognize_params: params,
                    alphabet,
                })
            })
            .transpose()?;
        let orient = orient
            .map(|Loaded { networks, params }| {
                let copies = networks.into_iter();
                let copies = copies.map(|network| Orient { network, ground: params.ground }).collect();
                batcher::spawn(copies, limits.lines, &meter(Orient::NAME), trace)
                    .map(|threads| (threads, params))
            })
            .transpose()?;
        let table = table
            .map(|Loaded { networks, params: (params, vocabulary) }| {
                let copies = networks.into_iter().map(|network| Table { network, params }).collect();
                let threads = batcher::spawn(copies, limits.tables, &meter(Table::NAME), trace)?;
                io::Result::Ok(TableNetwork { threads, params, vocabulary })
            })
            .transpose()?;
        Ok(Self(Arc::new(Inner { layout, reader, orient, table, digests, meters })))
    }

    /// Later micro-batches close by `limits`.
    pub fn set_limits(&self, limits: &EngineLimits) {
        if let Some((layout, _)) = &self.0.layout {
            layout.set_limits(limits.pages);
        }
        if let Some(reader) = &self.0.reader {
            reader.detect.set_limits(limits.pages);
            reader.recognize.set_limits(limits.lines);
        }
        if let Some((orient, _)) = &self.0.orient {
            orient.set_limits(limits.lines);
        }
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

    pub(crate) async fn layout(&self, page: Raster) -> Result<Option<RawLayout>, BatchError> {
        match &self.0.layout {
            Some((layout, _)) => layout.submit(page).await.map(Some),
            None => Ok(None),
        }
    }

    pub(crate) async fn orient(&self, line: Raster) -> Result<Option<HalfTurn>, BatchError> {
        match &self.0.orient {
            Some((orient, _)) => orient.submit(line).await.map(Some),
            None => Ok(None),
        }
    }
}
