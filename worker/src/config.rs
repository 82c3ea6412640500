//! `[pipeline]`: how much work a worker holds, and how it is batched.

use std::{num::NonZeroUsize, thread::available_parallelism, time::Duration};

use bytesize::ByteSize;
use quire_models::{ModelOptions, manifest::Manifest, provider::ProviderChoice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Pipeline: how much work a worker holds at once, and how it becomes micro-batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PipelineConfig {
    /// Memory for pages in flight. An A4 page at 200 dpi takes 35 MB with all that is made of it.
    /// Raise it when models wait for pages; lower it when memory is short.
    ///
    /// Default: `256 MiB`. Since 0.1.0.
    #[schemars(with = "String")]
    pub page_memory: ByteSize,
    /// Page ranges held at once; the queue keeps the rest.
    ///
    /// Default: `2`. Since 0.1.0.
    pub ranges: NonZeroUsize,
    /// Threads for cropping, contours, decoding and assembling.
    ///
    /// Default: one per core. Since 0.1.0.
    pub cpu_threads: Option<NonZeroUsize>,
    /// What computes the networks: `auto`, `cpu` (ONNX Runtime in 32-bit floats), `openvino-f32` or
    /// `openvino-bf16` (16-bit brain floats, for processors that compute in them).
    ///
    /// Default: `auto`, which is `openvino-bf16` where the processor has it, else `cpu`. Since 0.1.0.
    pub provider: ProviderChoice,
    /// Copies of the recogniser, each on a thread of its own. It does most of the work on scanned pages.
    ///
    /// Default: one per core, at most 4. Since 0.1.0.
    pub recognizers: Option<NonZeroUsize>,
    /// Threads inside one network operation.
    ///
    /// Default: one per core left when each recogniser has one, so 1 on up to 4 cores; at most 4. Since 0.1.0.
    pub model_threads: Option<NonZeroUsize>,
    /// Most pages, or tables, in one call of a network. More than one does not pay on a CPU.
    ///
    /// Default: `1`. Since 0.1.0.
    pub batch_pages: NonZeroUsize,
    /// Most lines in one call of the recogniser. More than one does not pay on a CPU.
    ///
    /// Default: `1`. Since 0.1.0.
    pub batch_lines: NonZeroUsize,
    /// Most pixels, padding included, in one call of the recogniser.
    ///
    /// Default: `400000`. Since 0.1.0.
    pub batch_pixels: NonZeroUsize,
    /// Longest that a page or line waits for company while its network is idle. While the network is busy,
    /// batches fill by themselves.
    ///
    /// Default: `0s`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub batch_wait: Duration,
    /// Longest that pages in flight may take to finish after a request to stop.
    ///
    /// Default: `10s`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub drain: Duration,
    /// Recognised lines below this mean confidence are noise, 0 to 1.
    ///
    /// Default: `0.5`. Since 0.1.0.
    pub min_line_confidence: f32,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        const fn count(number: usize) -> NonZeroUsize {
            NonZeroUsize::MIN.saturating_add(number - 1)
        }
        Self {
            page_memory: ByteSize::mib(256),
            ranges: count(2),
            cpu_threads: None,
            provider: ProviderChoice::Auto,
            recognizers: None,
            model_threads: None,
            batch_pages: count(1),
            batch_lines: count(1),
            batch_pixels: count(400_000),
            batch_wait: Duration::ZERO,
            drain: Duration::from_secs(10),
            min_line_confidence: 0.5,
        }
    }
}

impl PipelineConfig {
    /// Threads for the work between the networks.
    pub fn cpu_threads(&self) -> NonZeroUsize {
        self.cpu_threads.unwrap_or_else(cores)
    }

    /// How the models are loaded, with the libraries of `manifest`.
    pub fn models(&self, manifest: &Manifest) -> ModelOptions {
        const MOST: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
        let recognizers = self.recognizers.unwrap_or_else(|| cores().min(MOST));
        let share = NonZeroUsize::new(cores().get() / recognizers).unwrap_or(NonZeroUsize::MIN);
        ModelOptions {
            provider: self.provider.resolve(manifest),
            threads: self.model_threads.unwrap_or(share.min(MOST)),
            recognizers,
        }
    }
}

/// Cores that this process may use.
pub fn cores() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
