//! When the micro-batches of the models close.

use std::num::NonZeroUsize;

use quire_models::manifest::Role;

use crate::{batcher::BatchLimits, config::PipelineConfig};

/// Most threads that share a queue: each finds an item, however small the batches are.
const THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
/// Batches of pages that wait: one while another runs.
const TWO: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);
/// Batches of lines that wait. Lines of a dozen widths do not share a batch, so fewer would be run before they are full;
/// their pictures are in memory anyway, as long as their page is.
const LINE_BATCHES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(31);
/// Least lines that wait: among so many, several have the same width, and a network is faster when the shape stays.
const LINES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(255);

/// Limits by what is batched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineLimits {
    /// Layout: whole pages.
    pub layout: BatchLimits,
    /// Detection: whole pages.
    pub detect: BatchLimits,
    /// Recognition: lines.
    pub recognize: BatchLimits,
    /// Orientation: lines.
    pub orient: BatchLimits,
    /// Tables: a batch would wait until the longest one is written.
    pub table: BatchLimits,
    /// Networks that write: lines and formulas.
    pub written: BatchLimits,
}

impl EngineLimits {
    /// Limits from the settings.
    pub fn new(config: &PipelineConfig) -> Self {
        let limits = |count: NonZeroUsize, cost, batches| BatchLimits {
            cost,
            count,
            wait: config.batch_wait(),
            queue: count.saturating_mul(batches).max(THREADS),
        };
        let pages = limits(config.batch_pages(), usize::MAX, TWO);
        let lines = BatchLimits {
            queue: config.batch_lines().saturating_mul(LINE_BATCHES).max(LINES),
            ..limits(config.batch_lines(), config.batch_pixels().get(), TWO)
        };
        let table = limits(NonZeroUsize::MIN, usize::MAX, TWO);
        Self { layout: pages, detect: pages, recognize: lines, orient: lines, table, written: lines }
    }

    /// Those of the network with `role`.
    pub const fn of(&self, role: Role) -> BatchLimits {
        match role {
            Role::Layout => self.layout,
            Role::Detect => self.detect,
            Role::Recognize => self.recognize,
            Role::Orient => self.orient,
            Role::Table => self.table,
            Role::Transcribe | Role::Formula => self.written,
        }
    }

    /// The same, with `limits` for the network with `role`.
    pub const fn with(mut self, role: Role, limits: BatchLimits) -> Self {
        let place = match role {
            Role::Layout => &mut self.layout,
            Role::Detect => &mut self.detect,
            Role::Recognize => &mut self.recognize,
            Role::Orient => &mut self.orient,
            Role::Table => &mut self.table,
            Role::Transcribe | Role::Formula => &mut self.written,
        };
        *place = limits;
        self
    }
}
