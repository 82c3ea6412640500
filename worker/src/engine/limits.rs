//! When the micro-batches of the models close.

use std::{num::NonZeroUsize, time::Duration};

use crate::batcher::BatchLimits;

/// Limits by what is batched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineLimits {
    /// Layout, detection, tables: whole pictures.
    pub pages: BatchLimits,
    /// Recognition and orientation: lines.
    pub lines: BatchLimits,
}

impl EngineLimits {
    /// Limits from the settings of `[pipeline]`.
    pub fn new(batch_pages: NonZeroUsize, batch_lines: NonZeroUsize, batch_pixels: usize, wait: Duration) -> Self {
        let limits = |count: NonZeroUsize, cost| BatchLimits {
            cost,
            count,
            wait,
            // One batch runs, one waits.
            queue: count.saturating_mul(NonZeroUsize::MIN.saturating_add(1)),
        };
        Self { pages: limits(batch_pages, usize::MAX), lines: limits(batch_lines, batch_pixels) }
    }
}
