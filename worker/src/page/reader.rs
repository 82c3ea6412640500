//! The reader: what every page shares.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use quire_document::{
    AssembleParams, bullets::BulletParams, faint::FaintParams, language::LanguageParams,
    rulings::RulingParams, tables::TableParams, triage::TriageParams,
};
use quire_models::orient::SkewParams;
use quire_proto::{DocumentId, PageNumber, ProfileId, profile::ProcessingOptions};
use quire_render::{RenderPool, SourceFile};
use tokio::task::AbortHandle;

use crate::{
    budget::ByteBudget,
    children::Children,
    cpu::CpuPool,
    engine::{Engine, EngineLimits},
    schedule::Schedule,
    trace::Trace,
    tuning::{self, Controller, Setting, Totals, Tuned},
};

/// What one page is asked for.
#[derive(Clone, Debug)]
pub struct PageTask {
    /// The document's id, for the record.
    pub document: DocumentId,
    /// The profile's id, for the record.
    pub profile: ProfileId,
    /// What decides how the page is read.
    pub options: ProcessingOptions,
    /// Its number.
    pub page: PageNumber,
    /// The document.
    pub source: SourceFile,
}

/// Thresholds of the steps that need no network; the networks bring their own.
#[derive(Clone, Debug)]
pub struct ReaderParams {
    /// When the text layer is believed.
    pub triage: TriageParams,
    /// When a page is faint, and how its contrast is stretched.
    pub faint: FaintParams,
    /// When rows and columns are believed.
    pub tables: TableParams,
    /// Reading order and blocks.
    pub assemble: AssembleParams,
    /// What is a bullet on a scan.
    pub bullets: BulletParams,
    /// What is a drawn line on a scan.
    pub rulings: RulingParams,
    /// When a language is believed.
    pub language: LanguageParams,
    /// When a scan leans.
    pub skew: SkewParams,
    /// Recognised lines below this mean confidence are noise, 0 to 1. Default 0.5.
    pub min_line_confidence: f32,
    /// Recognised lines above this mean confidence are right, however crowded. Default 0.97.
    pub sure: f32,
    /// Recognised lines below this mean confidence are read a second time where there is a network for it. Default 0.8.
    pub second_opinion: f32,
}

impl Default for ReaderParams {
    fn default() -> Self {
        Self {
            triage: TriageParams::default(),
            faint: FaintParams::default(),
            tables: TableParams::default(),
            assemble: AssembleParams::default(),
            bullets: BulletParams::default(),
            rulings: RulingParams::default(),
            language: LanguageParams::default(),
            skew: SkewParams::default(),
            min_line_confidence: 0.5,
            sure: 0.97,
            second_opinion: 0.8,
        }
    }
}

/// Reads pages. Clones share children, models and memory.
#[derive(Clone)]
pub struct PageReader {
    inner: Arc<Inner>,
    schedule: Schedule,
}

struct Inner {
    render: RenderPool,
    children: Children,
    engine: Engine,
    cpu: CpuPool,
    budget: ByteBudget,
    params: ReaderParams,
    renderer: String,
    trace: Trace,
    /// Ends the tuning.
    tuning: Mutex<Option<AbortHandle>>,
}

/// What a [`PageReader`] works with.
pub struct ReaderParts {
    /// The render children.
    pub render: RenderPool,
    /// How many there are.
    pub children: NonZeroUsize,
    /// Name and build of the renderer, for the records.
    pub renderer: String,
    /// The models.
    pub engine: Engine,
    /// The pool for the work between them.
    pub cpu: CpuPool,
    /// Bytes of pages in flight.
    pub budget: ByteBudget,
    /// Records when the render children work.
    pub trace: Trace,
}

impl PageReader {
    /// A reader over `parts`.
    pub fn new(parts: ReaderParts, params: ReaderParams) -> Self {
        let ReaderParts { render, children, renderer, engine, cpu, budget, trace } = parts;
        let (children, tuning) = (Children::new(children), Mutex::default());
        let inner = Inner { render, children, engine, cpu, budget, params, renderer, trace, tuning };
        Self { inner: Arc::new(inner), schedule: Schedule::Streaming }
    }

    /// The same reader, on whose pages `schedule` is imposed.
    pub fn with_schedule(&self, schedule: Schedule) -> Self {
        Self { inner: Arc::clone(&self.inner), schedule }
    }

    /// Later micro-batches of all its clones close by `limits`; nothing is tuned any more.
    pub fn set_limits(&self, limits: &EngineLimits) {
        self.inner.end_tuning();
        self.inner.engine.set_limits(limits);
    }

    /// Lets `controller` set what it tunes for as long as there is a clone of this reader. Must be called inside a tokio
    /// runtime.
    pub(crate) fn tune(&self, controller: Controller) {
        let (inner, trace) = (Arc::downgrade(&self.inner), self.inner.trace.clone());
        let tuning = tokio::spawn(tuning::run(inner, controller, tuning::WINDOW, trace));
        *self.inner.tuning.lock().unwrap_or_else(PoisonError::into_inner) = Some(tuning.abort_handle());
    }

    pub(super) fn schedule(&self) -> &Schedule {
        &self.schedule
    }

    pub(super) fn trace(&self) -> &Trace {
        &self.inner.trace
    }

    pub(super) fn render(&self) -> &RenderPool {
        &self.inner.render
    }

    /// One place for each render child that may work: a page enters when one is free for it.
    pub(super) fn children(&self) -> &Children {
        &self.inner.children
    }

    pub(super) fn renderer(&self) -> &str {
        &self.inner.renderer
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(super) fn cpu(&self) -> &CpuPool {
        &self.inner.cpu
    }

    pub(super) fn budget(&self) -> &ByteBudget {
        &self.inner.budget
    }

    pub(super) fn params(&self) -> &ReaderParams {
        &self.inner.params
    }
}

impl Inner {
    fn end_tuning(&self) {
        if let Some(tuning) = self.tuning.lock().unwrap_or_else(PoisonError::into_inner).take() {
            tuning.abort();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.end_tuning();
    }
}

impl Tuned for Weak<Inner> {
    fn totals(&self) -> Option<Totals> {
        let inner = self.upgrade()?;
        Some(Totals {
            networks: inner.engine.readings(),
            drawing: inner.children.busy(),
            rendered: inner.children.rendered(),
            waiting: inner.children.waiting(),
            memory: inner.budget.peak(),
        })
    }

    fn apply(&self, setting: Setting) {
        let Some(inner) = self.upgrade() else { return };
        match setting {
            Setting::Children(count) => inner.children.allow(count),
            Setting::Items(..) | Setting::Wait(..) => {
                inner.engine.set_limits(&setting.applied(inner.engine.limits()));
            }
        }
    }
}
