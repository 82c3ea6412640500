//! `[pipeline]`: how much work a worker holds, and how it is batched.

use std::{num::NonZeroUsize, thread::available_parallelism, time::Duration};

use bytesize::ByteSize;
use quire_models::{
    Copies, ModelOptions,
    manifest::Manifest,
    provider::{Provider, ProviderChoice},
    shapes,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Pipeline: how much work a worker holds at once, and how it becomes micro-batches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PipelineConfig {
    /// Memory for pages in flight. An A4 page at 200 dpi takes 35 MB with all that is made of it.
    /// Raise it when models wait for pages; lower it when memory is short.
    ///
    /// Default: `256 MiB`, on a GPU `4 GiB`. Since 0.1.0.
    #[schemars(with = "Option<String>")]
    pub page_memory: Option<ByteSize>,
    /// Page ranges held at once; the queue keeps the rest.
    ///
    /// Default: `2`, on a GPU `8`. Since 0.1.0.
    pub ranges: Option<NonZeroUsize>,
    /// Threads for cropping, contours, decoding and assembling.
    ///
    /// Default: one per core. Since 0.1.0.
    pub cpu_threads: Option<NonZeroUsize>,
    /// What computes the networks: `auto`, `cpu` (ONNX Runtime in 32-bit floats), `openvino-f32`,
    /// `openvino-bf16` (16-bit brain floats, for processors that compute in them), `openvino-int8` (bytes where the
    /// manifest gives ranges, the rest as the processor is fastest), `cuda` (an NVIDIA GPU, with
    /// CUDA 13 and cuDNN 9 installed), `tensorrt` (the same GPU, with TensorRT 10 installed too and a manifest whose
    /// library comes with that provider; untried) or `coreml` (on macOS; untried). `quire doctor` says which can be used.
    ///
    /// Default: `auto`, which is `openvino-int8` where the processor has instructions for it, else `cpu`. Since 0.1.0.
    pub provider: ProviderChoice,
    /// Number of the GPU, where the provider is one.
    ///
    /// Default: `0`. Since 0.1.0.
    pub gpu: u32,
    /// Most memory of the GPU that the networks take, shared out evenly among the shapes of batches. Where a batch needs
    /// more, batches of its shape are halved. Without a bound it is 34 GiB for
    /// A4 pages; with 16 GiB pages are read by a third more slowly.
    ///
    /// Default: none, which is all that the GPU has. Since 0.1.0.
    #[schemars(with = "Option<String>")]
    pub gpu_memory: Option<ByteSize>,
    /// Copies of the recogniser, each on a thread of its own. It does most of the work on scanned pages.
    ///
    /// Default: one per core, at most 4; on a GPU 2. Since 0.1.0.
    pub recognizers: Option<NonZeroUsize>,
    /// Threads inside one network operation.
    ///
    /// Default: one per core left when each recogniser has one, so 1 on up to 4 cores; at most 4. Since 0.1.0.
    pub model_threads: Option<NonZeroUsize>,
    /// Whether settings follow what is measured while pages are read: how many of the render children work at once
    /// (`[render] children`), on a CPU how many lines the recogniser takes in a call (`batch_lines`), on a GPU how long a
    /// batch may fill (`batch_wait`). Those that the configuration names keep their value. Within ten seconds
    /// they stand, and are tried again every five minutes.
    ///
    /// Default: `true`. Since 0.1.0.
    pub tune: bool,
    /// Most pages in one call of a network. More than one does not pay on a CPU.
    ///
    /// Default: `1`, on a GPU `8`. Since 0.1.0.
    pub batch_pages: Option<NonZeroUsize>,
    /// Most lines in one call of the recogniser. More than one seldom pays on a CPU.
    ///
    /// Default: `1` to `8`, which `tune` finds, on a GPU `128`. Since 0.1.0.
    pub batch_lines: Option<NonZeroUsize>,
    /// Most pixels, padding included, in one call of the recogniser.
    ///
    /// Default: `400000`, on a GPU `3145728`. Since 0.1.0.
    pub batch_pixels: Option<NonZeroUsize>,
    /// Longest that a page or line waits for company while its network is idle. While the network is busy,
    /// batches fill by themselves.
    ///
    /// Default: `0s`, on a GPU `0s` to `16ms` for each network, which `tune` finds from `4ms`. Since 0.1.0.
    #[serde(with = "humantime_serde::option")]
    #[schemars(with = "Option<String>")]
    pub batch_wait: Option<Duration>,
    /// Longest that pages in flight may take to finish after a request to stop.
    ///
    /// Default: `10s`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub drain: Duration,
    /// Longest that a range may go without a page that is finished. Its worker then gives it back, which uses up one of
    /// three attempts, and ends, because what hangs in it may hang for ever. Longer than all pages of `ranges` take.
    ///
    /// Default: `5m`. Since 0.1.0.
    #[serde(with = "humantime_serde")]
    #[schemars(with = "String")]
    pub stall: Duration,
    /// Recognised lines below this mean confidence are noise, 0 to 1.
    ///
    /// Default: `0.5`. Since 0.1.0.
    pub min_line_confidence: f32,
    /// Recognised lines below this mean confidence are read again by recognisers for other scripts and by the model with
    /// the role `transcribe`, where the manifest has any; the most confident reading stays. Raise it for a better text
    /// of bad scans, at the cost of time: such networks write a character after the other. 0 asks nobody.
    ///
    /// Default: `0.8`. Since 0.1.0.
    pub second_opinion: f32,
}

impl Default for PipelineConfig {
    fn default() -> Self {
        Self {
            page_memory: None,
            ranges: None,
            cpu_threads: None,
            provider: ProviderChoice::Auto,
            gpu: 0,
            gpu_memory: None,
            recognizers: None,
            model_threads: None,
            tune: true,
            batch_pages: None,
            batch_lines: None,
            batch_pixels: None,
            batch_wait: None,
            drain: Duration::from_secs(10),
            stall: Duration::from_secs(300),
            min_line_confidence: 0.5,
            second_opinion: 0.8,
        }
    }
}

const fn count(number: usize) -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(number - 1)
}

/// What a setting is when it is left out, and the provider says what pays.
impl PipelineConfig {
    /// On a CPU `cpu`, on a GPU `gpu`.
    fn by_device<T>(&self, cpu: T, gpu: T) -> T {
        if self.provider.is_accelerator() { gpu } else { cpu }
    }

    /// Memory for pages in flight.
    pub fn page_memory(&self) -> ByteSize {
        self.page_memory.unwrap_or_else(|| self.by_device(ByteSize::mib(256), ByteSize::gib(4)))
    }

    /// Page ranges held at once.
    pub fn ranges(&self) -> NonZeroUsize {
        self.ranges.unwrap_or_else(|| self.by_device(count(2), count(8)))
    }

    /// Most pages in one call of a network.
    pub fn batch_pages(&self) -> NonZeroUsize {
        self.batch_pages.unwrap_or_else(|| self.by_device(count(1), count(shapes::PAGES)))
    }

    /// Most lines in one call of a network.
    pub fn batch_lines(&self) -> NonZeroUsize {
        self.batch_lines.unwrap_or_else(|| self.by_device(count(1), count(shapes::LINES)))
    }

    /// Most pixels in one call of the recogniser.
    pub fn batch_pixels(&self) -> NonZeroUsize {
        self.batch_pixels.unwrap_or_else(|| self.by_device(count(400_000), count(shapes::LINE_PIXELS)))
    }

    /// Longest wait for company.
    pub fn batch_wait(&self) -> Duration {
        self.batch_wait.unwrap_or_else(|| self.by_device(Duration::ZERO, Duration::from_millis(4)))
    }

    /// Threads for the work between the networks.
    pub fn cpu_threads(&self) -> NonZeroUsize {
        self.cpu_threads.unwrap_or_else(cores)
    }

    /// What computes on this machine, with the libraries of `manifest`.
    pub fn provider(&self, manifest: &Manifest) -> Provider {
        self.provider.resolve(manifest, self.gpu)
    }

    /// How the models are loaded, with the libraries of `manifest`.
    pub fn models(&self, manifest: &Manifest) -> ModelOptions {
        const MOST: NonZeroUsize = count(4);
        let provider = self.provider(manifest);
        if provider.is_accelerator() {
            let two = count(2);
            let recognize = self.recognizers.unwrap_or(two);
            let copies = Copies { layout: two, detect: two, recognize, table: MOST, ..Copies::default() };
            return ModelOptions {
                provider,
                threads: self.model_threads.unwrap_or(NonZeroUsize::MIN),
                copies,
                gpu_memory: self.gpu_memory.map(|memory| memory.as_u64()),
            };
        }
        let each = cores().min(MOST);
        let recognize = self.recognizers.unwrap_or(each);
        let share = NonZeroUsize::new(cores().get() / recognize).unwrap_or(NonZeroUsize::MIN);
        ModelOptions {
            provider,
            threads: self.model_threads.unwrap_or(share.min(MOST)),
            // Born-digital pages need little else than layout.
            copies: Copies { layout: each, recognize, ..Copies::default() },
            gpu_memory: None,
        }
    }
}

/// Cores that this process may use.
pub fn cores() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
