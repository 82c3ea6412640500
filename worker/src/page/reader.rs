//! The reader: what every page shares.

use std::{num::NonZeroUsize, sync::Arc};

use quire_document::{AssembleParams, tables::TableParams, triage::TriageParams};
use quire_proto::{DocumentId, PageNumber, ProfileId, profile::ProcessingOptions};
use quire_render::{RenderPool, SourceFile};
use tokio::sync::Semaphore;

use crate::{budget::ByteBudget, cpu::CpuPool, engine::Engine};

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
    /// When rows and columns are believed.
    pub tables: TableParams,
    /// Reading order and blocks.
    pub assemble: AssembleParams,
    /// Recognised lines below this mean confidence are noise, 0 to 1. Default 0.5.
    pub min_line_confidence: f32,
}

impl Default for ReaderParams {
    fn default() -> Self {
        Self {
            triage: TriageParams::default(),
            tables: TableParams::default(),
            assemble: AssembleParams::default(),
            min_line_confidence: 0.5,
        }
    }
}

/// Reads pages. Clones share children, models and memory.
#[derive(Clone)]
pub struct PageReader(Arc<Inner>);

struct Inner {
    render: RenderPool,
    children: Semaphore,
    engine: Engine,
    cpu: CpuPool,
    budget: ByteBudget,
    params: ReaderParams,
    renderer: String,
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
}

impl PageReader {
    /// A reader over `parts`.
    pub fn new(parts: ReaderParts, params: ReaderParams) -> Self {
        let ReaderParts { render, children, renderer, engine, cpu, budget } = parts;
        let children = Semaphore::new(children.get());
        Self(Arc::new(Inner { render, children, engine, cpu, budget, params, renderer }))
    }

    pub(super) fn render(&self) -> &RenderPool {
        &self.0.render
    }

    /// One place for each render child: a page enters when a child is free for it.
    pub(super) fn children(&self) -> &Semaphore {
        &self.0.children
    }

    pub(super) fn renderer(&self) -> &str {
        &self.0.renderer
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(super) fn cpu(&self) -> &CpuPool {
        &self.0.cpu
    }

    pub(super) fn budget(&self) -> &ByteBudget {
        &self.0.budget
    }

    pub(super) fn params(&self) -> &ReaderParams {
        &self.0.params
    }
}
