//! Each network with its threads, and what its callers need to know about it.

use std::{collections::BTreeMap, sync::Arc};

use quire_models::{
    Loaded, Models,
    detect::{DetectInput, DetectParams, ProbMap},
    generate::{GenerateParams, Generator, Words, Written},
    layout::{LayoutParams, RawLayout},
    manifest::Role,
    orient::{HalfTurn, OrientParams},
    recognize::{Alphabet, CtcPath, LineImage, RecognizeParams, Recognizer},
    session::OnnxSession,
    table::{TableParams, TableStep, Vocabulary},
};
use quire_raster::Raster;

use super::{
    EngineLimits, OpenError,
    batch_models::{Detect, Formula, Layout, Orient, Recognize, Table, Transcribe},
};
use crate::{
    batcher::{self, BatchError, BatchModel, Batcher},
    meter::Meter,
    trace::Trace,
};

/// What every thread of a network is started with.
#[derive(Clone)]
pub(super) struct Start {
    pub(super) limits: EngineLimits,
    pub(super) meters: BTreeMap<Role, Meter>,
    pub(super) trace: Trace,
}

impl Start {
    fn meter(&self, role: Role) -> Meter {
        self.meters.get(&role).cloned().unwrap_or_default()
    }
}

/// The layout network.
pub(crate) struct LayoutNetwork {
    threads: Batcher<Raster, RawLayout>,
    pub(crate) params: Arc<LayoutParams>,
}

impl LayoutNetwork {
    pub(super) fn start(models: Models, start: &Start) -> Result<Option<Self>, OpenError> {
        let Some(Loaded { networks, params }) = models.layout else { return Ok(None) };
        let copies = networks.into_iter().map(Layout).collect();
        let threads = batcher::spawn(copies, start.limits.layout, &start.meter(Role::Layout), &start.trace)?;
        Ok(Some(Self { threads, params: Arc::new(params) }))
    }

    pub(crate) async fn look(&self, page: Raster) -> Result<RawLayout, BatchError> {
        self.threads.submit(page).await
    }

    pub(super) fn set_limits(&self, limits: &EngineLimits) {
        self.threads.set_limits(limits.layout);
    }
}

/// Detection and recognition, one of no use without the other, and orientation.
pub(crate) struct TextReader {
    detect: Batcher<DetectInput, ProbMap>,
    pub(crate) detect_params: DetectParams,
    /// What reads the lines.
    pub(crate) lines: LineReader,
    orient: Option<Batcher<Raster, HalfTurn>>,
    /// What orientation is judged by.
    pub(crate) orient_params: OrientParams,
}

impl TextReader {
    pub(super) fn start(models: Models, start: &Start) -> Result<Option<Self>, OpenError> {
        let (Some(detect), Some(recognize)) = (models.detect, models.recognize) else { return Ok(None) };
        let Start { limits, trace, .. } = start;
        let detectors = detect.networks.into_iter().map(Detect).collect();
        let orient_params = models.orient.as_ref().map(|orient| orient.params).unwrap_or_default();
        let orient = models.orient.map(|Loaded { networks, params }| {
            let copies = networks.into_iter().map(|network| Orient { network, ground: params.ground });
            batcher::spawn(copies.collect(), limits.orient, &start.meter(Role::Orient), trace)
        });
        Ok(Some(Self {
            detect: batcher::spawn(detectors, limits.detect, &start.meter(Role::Detect), trace)?,
            detect_params: detect.params,
            lines: LineReader::start(recognize, start)?,
            orient: orient.transpose()?,
            orient_params,
        }))
    }

    pub(crate) async fn detect(&self, page: DetectInput) -> Result<ProbMap, BatchError> {
        self.detect.submit(page).await
    }

    /// How likely a line stands on its head; nothing without the network.
    pub(crate) async fn orient(&self, line: Raster) -> Result<Option<HalfTurn>, BatchError> {
        match &self.orient {
            Some(orient) => orient.submit(line).await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) fn set_limits(&self, limits: &EngineLimits) {
        self.detect.set_limits(limits.detect);
        self.lines.set_limits(limits);
        if let Some(orient) = &self.orient {
            orient.set_limits(limits.orient);
        }
    }
}

/// A recogniser, and what its classes mean.
pub(crate) struct LineReader {
    threads: Batcher<Arc<LineImage>, CtcPath>,
    pub(crate) params: Arc<RecognizeParams>,
    pub(crate) alphabet: Alphabet,
}

impl LineReader {
    fn start(
        loaded: Loaded<Recognizer<OnnxSession>, (RecognizeParams, Alphabet)>,
        start: &Start,
    ) -> Result<Self, OpenError> {
        let (params, alphabet) = loaded.params;
        let params = Arc::new(params);
        let copies = loaded.networks.into_iter();
        let copies = copies.map(|network| Recognize { network, params: Arc::clone(&params) }).collect();
        let meter = start.meter(Role::Recognize);
        let threads = batcher::spawn(copies, start.limits.recognize, &meter, &start.trace)?;
        Ok(Self { threads, params, alphabet })
    }

    pub(crate) async fn recognize(&self, line: Arc<LineImage>) -> Result<CtcPath, BatchError> {
        self.threads.submit(line).await
    }

    pub(super) fn set_limits(&self, limits: &EngineLimits) {
        self.threads.set_limits(limits.recognize);
    }
}

/// A recogniser for scripts that the first one does not know.
pub(crate) struct OtherReader {
    /// ISO 15924.
    pub(crate) scripts: Vec<String>,
    pub(crate) lines: LineReader,
}

impl OtherReader {
    pub(super) fn start(
        scripts: Vec<String>,
        models: Models,
        start: &Start,
    ) -> Result<Option<Self>, OpenError> {
        let Some(loaded) = models.recognize else { return Ok(None) };
        Ok(Some(Self { scripts, lines: LineReader::start(loaded, start)? }))
    }
}

/// The table network, and what its tokens mean.
pub(crate) struct TableNetwork {
    threads: Batcher<Raster, Vec<TableStep>>,
    pub(crate) params: TableParams,
    pub(crate) vocabulary: Vocabulary,
}

impl TableNetwork {
    pub(super) fn start(models: Models, start: &Start) -> Result<Option<Self>, OpenError> {
        let Some(Loaded { networks, params: (params, vocabulary) }) = models.table else { return Ok(None) };
        let copies = networks.into_iter().map(|network| Table { network, params }).collect();
        let threads = batcher::spawn(copies, start.limits.table, &start.meter(Role::Table), &start.trace)?;
        Ok(Some(Self { threads, params, vocabulary }))
    }

    pub(crate) async fn read(&self, table: Raster) -> Result<Vec<TableStep>, BatchError> {
        self.threads.submit(table).await
    }
}

/// A network that writes, and what its tokens mean.
pub(crate) struct WriterNetwork {
    threads: Batcher<Raster, Written>,
    pub(crate) params: Arc<GenerateParams>,
    pub(crate) words: Arc<Words>,
}

impl WriterNetwork {
    pub(super) fn start_transcribe(models: Models, start: &Start) -> Result<Option<Self>, OpenError> {
        Self::start(models.transcribe, Role::Transcribe, Transcribe, start)
    }

    pub(super) fn start_formula(models: Models, start: &Start) -> Result<Option<Self>, OpenError> {
        Self::start(models.formula, Role::Formula, Formula, start)
    }

    fn start<M: BatchModel<Input = Raster, Output = Written>>(
        loaded: Option<Loaded<Generator, (GenerateParams, Words)>>,
        role: Role,
        wrap: fn(Generator) -> M,
        start: &Start,
    ) -> Result<Option<Self>, OpenError> {
        let Some(Loaded { networks, params: (params, words) }) = loaded else { return Ok(None) };
        let copies = networks.into_iter().map(wrap).collect();
        let threads = batcher::spawn(copies, start.limits.written, &start.meter(role), &start.trace)?;
        Ok(Some(Self { threads, params: Arc::new(params), words: Arc::new(words) }))
    }

    pub(crate) async fn write(&self, picture: Raster) -> Result<Written, BatchError> {
        self.threads.submit(picture).await
    }

    pub(super) fn set_limits(&self, limits: &EngineLimits) {
        self.threads.set_limits(limits.written);
    }
}
