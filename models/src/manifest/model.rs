//! One model of the manifest: its file, and how pixels become its input.

use std::{fmt, num::NonZeroU16};

use quire_proto::RegionKind;
use serde::Deserialize;
use sha2::Digest;

use super::{File, Package};

/// What a model does in the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Finds the regions of a page.
    Layout,
    /// Finds the text lines of a page.
    Detect,
    /// Reads a text line.
    Recognize,
    /// Says whether a text line stands on its head.
    Orient,
    /// Finds the rows, columns and cells of a table.
    Table,
    /// Reads a text line again of which the first reading is in doubt.
    Transcribe,
    /// Reads a formula as LaTeX.
    Formula,
}

impl Role {
    /// The roles that the built-in manifest fills, in the order of the pipeline.
    pub const BUILT_IN: [Self; 5] = [Self::Layout, Self::Detect, Self::Recognize, Self::Orient, Self::Table];

    /// As the manifest writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Layout => "layout",
            Self::Detect => "detect",
            Self::Recognize => "recognize",
            Self::Orient => "orient",
            Self::Table => "table",
            Self::Transcribe => "transcribe",
            Self::Formula => "formula",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A model and what its numbers mean.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// What it does.
    pub role: Role,
    /// Where it comes from.
    pub package: Package,
    /// SPDX expression.
    pub licence: String,
    /// Where the licence can be read.
    pub licence_source: String,
    /// The licence inside the package, kept beside the file.
    pub licence_file: Option<String>,
    /// The ONNX file.
    pub file: File,
    /// How its output is read.
    pub decoder: Decoder,
    /// Changes to the graph before first use.
    #[serde(default)]
    pub prepare: Vec<Step>,
    /// For a layout model: what each class is, in the order of the classes.
    #[serde(default)]
    pub labels: Vec<RegionKind>,
    /// Size of the input.
    pub input: Input,
    /// How pixels become numbers.
    pub normalise: Normalise,
    /// For a layout model: regions less likely than this are dropped.
    pub min_score: Option<f32>,
    /// For a model that writes: its decoder and tokens; `file` is its encoder.
    pub generate: Option<Generate>,
    /// Whether a GPU may compute it in 16-bit floats: its answers are as good, and its batches are faster.
    #[serde(default)]
    pub half: bool,
    /// For a further recogniser: the scripts, ISO 15924, of which it is asked about lines that the first one doubts.
    #[serde(default)]
    pub scripts: Vec<String>,
    /// For a recogniser: how its confidence in a word becomes the share of such words that are right.
    /// `quire-bench accuracy` fits it. Without it the confidence is what the network says.
    pub confidence: Option<Platt>,
    /// Between which numbers the inputs of its convolutions and products lie, so that a processor may compute these in
    /// bytes. `quire-bench calibrate` measures it.
    #[serde(default)]
    pub ranges: Vec<Range>,
}

/// Platt scaling: the logistic function of a line over the log-odds (Platt, 1999, *Probabilistic outputs for support vector
/// machines*; Guo et al., 2017, *On calibration of modern neural networks*).
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platt {
    /// Slope of the line; above 0, so that what is surer stays surer. Below 1 for a network that is too sure.
    pub scale: f32,
    /// Where the line begins.
    pub shift: f32,
}

impl Platt {
    /// Log-odds of a probability; of 0 and 1 those of one in a million.
    pub fn log_odds(probability: f32) -> f32 {
        const LEAST: f32 = 1e-6;
        let probability = probability.clamp(LEAST, 1.0 - LEAST);
        (probability / (1.0 - probability)).ln()
    }

    /// The probability that is meant by one that a network gives.
    pub fn apply(&self, probability: f32) -> f32 {
        (1.0 + (-(self.scale * Self::log_odds(probability) + self.shift)).exp()).recip()
    }
}

/// Between which numbers a tensor of a graph lies.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Its name in the graph.
    pub tensor: String,
    /// The lowest number.
    pub low: f32,
    /// The highest number.
    pub high: f32,
}

impl Range {
    /// What makes all its numbers positive, or 0.
    pub(crate) const fn shift(&self) -> f32 {
        (-self.low).max(0.0)
    }
}

impl Model {
    /// All its files; the first is the one that takes pictures.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        let parts = self.generate.iter().flat_map(|generate| [&generate.network, &generate.tokenizer]);
        std::iter::once(&self.file).chain(parts)
    }

    /// Its role, with the scripts of a further recogniser: no other model of a manifest has the same name.
    pub fn name(&self) -> String {
        std::iter::once(self.role.as_str())
            .chain(self.scripts.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join("-")
    }

    /// A SHA-256 that tells it from any other: of its file, or of the digests of all its files.
    pub fn digest(&self) -> String {
        if self.generate.is_none() {
            return self.file.sha256.to_string();
        }
        let digests = self.files().fold(sha2::Sha256::new(), |all, file| all.chain_update(file.sha256.0));
        hex::encode(digests.finalize())
    }
}

/// A network that writes token after token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// The decoder: `decoder_model_merged.onnx` or `decoder_model.onnx`.
    pub network: File,
    /// The `tokenizer.json`.
    pub tokenizer: File,
    /// Tokens that every text begins with: `decoder_start_token_id` of `generation_config.json`.
    pub start: Vec<i64>,
    /// The token that ends a text: `eos_token_id` there.
    pub end: i64,
    /// Longest text, in tokens.
    #[serde(default = "most_tokens")]
    pub most_tokens: NonZeroU16,
    /// Whether pictures keep their proportions and are filled up with white, instead of being stretched.
    #[serde(default)]
    pub keep_ratio: bool,
}

/// Twice as long as the longest line of print.
const fn most_tokens() -> NonZeroU16 {
    NonZeroU16::MIN.saturating_add(127)
}

/// How a model's output is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decoder {
    /// PicoDet: score maps and box distributions on four strides.
    Picodet,
    /// RT-DETR: boxes with classes and scores, as PP-DocLayout and docling's layout models answer.
    RtDetr,
    /// DB: a map of text probability.
    Db,
    /// CTC: a class for each column.
    Ctc,
    /// Two classes: upright, and turned by 180°.
    UprightOrTurned,
    /// Tokens of text, one after the other.
    Text,
    /// Tokens of LaTeX, one after the other.
    Latex,
    /// SLANet: structure tokens with cell boxes.
    Slanet,
}

impl Decoder {
    /// The role that this decoder answers.
    pub const fn role(self) -> Role {
        match self {
            Self::Picodet | Self::RtDetr => Role::Layout,
            Self::Db => Role::Detect,
            Self::Ctc => Role::Recognize,
            Self::UprightOrTurned => Role::Orient,
            Self::Slanet => Role::Table,
            Self::Text => Role::Transcribe,
            Self::Latex => Role::Formula,
        }
    }

    /// As the manifest writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Picodet => "picodet",
            Self::RtDetr => "rt-detr",
            Self::Db => "db",
            Self::Ctc => "ctc",
            Self::UprightOrTurned => "upright-or-turned",
            Self::Slanet => "slanet",
            Self::Text => "text",
            Self::Latex => "latex",
        }
    }
}

/// A change to the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Lets a graph made for one image take any number of them.
    Batch,
    /// Returns the best class and its probability instead of all classes.
    BestClass,
    /// Returns a map of probabilities as bytes.
    Levels,
}

impl Step {
    /// As the manifest writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::BestClass => "best-class",
            Self::Levels => "levels",
        }
    }
}

/// Size of a model's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Columns.
    pub width: Side,
    /// Rows.
    pub height: Side,
}

/// Length of one side of the input, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Side {
    /// Always this length.
    Fixed(u32),
    /// Any length that is a multiple of this one.
    Any {
        /// The divisor.
        multiple_of: u32,
    },
}

impl Side {
    /// The shortest length.
    pub const fn length(self) -> u32 {
        match self {
            Self::Fixed(length) | Self::Any { multiple_of: length } => length,
        }
    }
}

/// How a pixel of 0 to 255 becomes a number: `(pixel / 255 - mean) / std`, per channel.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normalise {
    /// Order of the channels.
    pub channels: Channels,
    /// Mean of each channel, in that order.
    pub mean: [f32; 3],
    /// Standard deviation of each channel, in that order.
    pub std: [f32; 3],
}

impl Normalise {
    /// The colour, as RGB, whose numbers are nearest to 0.
    pub fn zero(&self) -> [u8; 3] {
        let mut rgb = [0; 3];
        for (channel, mean) in self.channels.from_rgb().into_iter().zip(self.mean) {
            rgb[channel] = (mean * 255.0).round() as u8;
        }
        rgb
    }
}

/// Order of the colour channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channels {
    /// Red first.
    Rgb,
    /// Blue first.
    Bgr,
}

impl Channels {
    /// For each channel of the model, its place in an RGB pixel.
    pub const fn from_rgb(self) -> [usize; 3] {
        match self {
            Self::Rgb => [0, 1, 2],
            Self::Bgr => [2, 1, 0],
        }
    }
}
