//! The record itself: identity, outcome, geometry, provenance.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Block;
use crate::{
    geometry::Rotation,
    ids::{DocumentId, ProfileId},
    job::RangeJob,
    page_text::Bookmark,
    range::PageNumber,
};

/// Name and version of the record's schema.
pub const SCHEMA: &str = "quire.page/1";

/// Everything known about one page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PageRecord {
    /// Name and version of the schema, `quire.page/1`.
    pub schema: String,
    /// The document the page belongs to.
    pub document: DocumentId,
    /// Its number, from one.
    pub page: PageNumber,
    /// What became of it.
    pub status: PageStatus,
    /// Why it failed; present exactly when `status` is `failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<PageFailure>,
    /// Size of the page and of the image that boxes refer to; absent for a page that could not be rendered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<PageSize>,
    /// Clockwise turn that makes the page's text upright; boxes are *not* turned.
    pub rotation: Rotation,
    /// Degrees, clockwise, by which the lines of the page thus turned still leaned before it was made level and
    /// read; absent when it was not. Boxes are *not* turned. Of a spread, the page that leaned more counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skew: Option<f32>,
    /// How the text was obtained.
    pub mode: PageMode,
    /// Why this way.
    pub mode_reason: ModeReason,
    /// Things a reader of the record should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<PageFlag>,
    /// What the outline in the file lists on this page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outline: Vec<Bookmark>,
    /// The language of most of its text, ISO 639-1, which is also a BCP 47 tag; absent when that is not sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The script of most of its text, ISO 15924: `Latn`, `Hans`, `Cyrl`…; absent where there is too little text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// Blocks in reading order.
    pub blocks: Vec<Block>,
    /// What made this record.
    pub provenance: Provenance,
}

impl PageRecord {
    /// A record without text: nothing is known of the page but what became of it.
    pub fn empty(document: DocumentId, page: PageNumber, status: PageStatus) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            document,
            page,
            status,
            failure: None,
            size: None,
            rotation: Rotation::None,
            skew: None,
            mode: PageMode::Blank,
            mode_reason: ModeReason::Undecided,
            flags: Vec::new(),
            outline: Vec::new(),
            language: None,
            script: None,
            blocks: Vec::new(),
            provenance: Provenance::default(),
        }
    }

    /// The record of a page of `job` that is given up without being read.
    pub fn given_up(job: &RangeJob, page: PageNumber, failure: PageFailure) -> Self {
        Self {
            failure: Some(failure),
            provenance: Provenance {
                quire: env!("CARGO_PKG_VERSION").to_owned(),
                profile: Some(job.profile),
                ..Provenance::default()
            },
            ..Self::empty(job.document, page, PageStatus::Failed)
        }
    }
}

/// What became of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageStatus {
    /// It has content, and here it is.
    Done,
    /// Nothing is on it.
    Blank,
    /// It could not be read; see `failure`.
    Failed,
}

/// Why a page failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageFailure {
    /// The class, for counting and for deciding what to do.
    pub class: FailureClass,
    /// What happened, for a person.
    pub message: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Milliseconds spent on it.
    pub milliseconds: u64,
}

/// Classes of page failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The renderer died on it.
    RenderCrash,
    /// The renderer did not answer in time.
    RenderTimeout,
    /// The renderer ran out of the memory it may use.
    RenderMemory,
    /// The renderer says that the page cannot be decoded.
    Undecodable,
    /// The renderer's answer was not believable.
    RenderProtocol,
    /// A model failed on it.
    Model,
    /// The worker died on it.
    WorkerKilled,
    /// Its range was tried as often as is allowed, and parked.
    AttemptsExhausted,
}

impl FailureClass {
    /// The name used in records, messages and counts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RenderCrash => "render_crash",
            Self::RenderTimeout => "render_timeout",
            Self::RenderMemory => "render_memory",
            Self::Undecodable => "undecodable",
            Self::RenderProtocol => "render_protocol",
            Self::Model => "model",
            Self::WorkerKilled => "worker_killed",
            Self::AttemptsExhausted => "attempts_exhausted",
        }
    }
}

/// Size of the page and of its image.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PageSize {
    /// Width in points (1/72 inch), as displayed.
    pub width_pt: f32,
    /// Height in points, as displayed.
    pub height_pt: f32,
    /// Width of the image in pixels.
    pub width_px: u32,
    /// Height of the image in pixels.
    pub height_px: u32,
    /// Pixels per inch of the image.
    pub dpi: f32,
}

/// How the text of a page was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageMode {
    /// From the file's own text layer.
    Text,
    /// By optical character recognition.
    Ocr,
    /// From the text layer, with recognition of the image regions.
    Mixed,
    /// There was nothing to read.
    Blank,
}

/// Why a page was read the way it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModeReason {
    /// The text layer is there and clean.
    CleanTextLayer,
    /// There is no text layer.
    NoTextLayer,
    /// The text layer covers little of what the page shows.
    SparseTextLayer,
    /// The text layer has characters without meaning.
    GarbledTextLayer,
    /// Images on a text page hold text of their own.
    ImageRegions,
    /// The input is an image, not a PDF.
    ImageInput,
    /// `--mode force`.
    Forced,
    /// `--mode skip`.
    Skipped,
    /// Nothing is drawn on the page.
    NothingDrawn,
    /// The page failed before this was decided.
    Undecided,
}

/// Things a reader of a record should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageFlag {
    /// The page exceeded the pixel cap and was rendered smaller.
    RenderedSmaller,
    /// The text layer exceeded a cap and was cut.
    TextTruncated,
    /// The text layer is the invisible output of an earlier recognition.
    EarlierOcr,
    /// The role is absent from the manifest, so regions come from geometry alone.
    NoLayoutModel,
    /// The manifest names no detection or recognition model, so nothing was recognised.
    NoRecognitionModel,
    /// The table structure could not be read; the table is kept as text.
    TableAsText,
    /// A second attempt was needed to render it.
    RenderRetried,
    /// A dark border of the scan was taken away before it was read.
    BorderRemoved,
    /// It was faint: its paper was made white and its ink black before it was read.
    ContrastStretched,
    /// It shows two pages side by side, of which the right one was read after the left one; where most letters run from
    /// right to left, before it.
    SpreadSplit,
}

/// What made a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Version of Quire.
    pub quire: String,
    /// The processing profile, which stands for all options and models together.
    pub profile: Option<ProfileId>,
    /// The renderer and its build.
    pub renderer: String,
    /// SHA-256 of each model used on this page, by role.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub models: BTreeMap<String, String>,
    /// Milliseconds from the request to render the page to this record, by stage.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub milliseconds: BTreeMap<String, u64>,
}
