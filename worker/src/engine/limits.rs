//! When the micro-batches of the models close.

use std::num::NonZeroUsize;

use crate::{batcher::BatchLimits, config::PipelineConfig};

/// Most threads that share a queue.
const THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

/// Limits by what is batched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineLimits {
    /// Layout and detection: whole pages.
    pub pages: BatchLimits,
    /// Tables: a batch would wait until the longest one is written.
    pub tables: BatchLimits,
    /// Recognition and orientation: lines.
    pub lines: BatchLimits,
}

impl EngineLimits {
    /// Limits from the settings.
    pub fn new(config: &PipelineConfig) -> Self {
        let limits = |count: NonZeroUsize, cost| BatchLimits {
            cost,
            count,
            wait: config.batch_wait(),
            // One batch runs, one waits; one item each for several threads.
            queue: count.saturating_mul(NonZeroUsize::MIN.saturating_add(1)).max(THREADS),
        };
        Self {
            pages: limits(config.batch_pages(), usize::MAX),
            tables: limits(NonZeroUsize::MIN, usize::MAX),
            lines: limits(config.batch_lines(), config.batch_pixels().get()),
        }
    }
}
