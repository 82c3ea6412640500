//! A record in the making.

use quire_document::language::Tongue;
use quire_proto::{
    Rotation,
    page_text::Bookmark,
    record::{
        Block, ModeReason, PageFailure, PageFlag, PageMode, PageRecord, PageSize, PageStatus, Provenance,
        SCHEMA,
    },
};

use super::{PageTask, reader::PageReader, seen::Seen, stopwatch::Stopwatch, triage::Triaged};
use crate::engine::Engine;

/// What is known about a page so far.
pub(super) struct Draft {
    failure: Option<PageFailure>,
    size: Option<PageSize>,
    mode: PageMode,
    reason: ModeReason,
    flags: Vec<PageFlag>,
    outline: Vec<Bookmark>,
    rotation: Rotation,
    tongue: Tongue,
    skew: Option<f32>,
    blocks: Vec<Block>,
}

impl Draft {
    /// A page that was rendered and will be read as was decided.
    pub(super) fn new(triaged: &Triaged, engine: &Engine) -> Self {
        let Triaged { page, decision, border, stretched } = triaged;
        let recognises = matches!(decision.mode, PageMode::Ocr | PageMode::Mixed);
        let flags = [
            (page.rendered_smaller, PageFlag::RenderedSmaller),
            (page.retried, PageFlag::RenderRetried),
            (border.is_some(), PageFlag::BorderRemoved),
            (*stretched, PageFlag::ContrastStretched),
            (page.text.truncated, PageFlag::TextTruncated),
            (decision.earlier_ocr && decision.mode == PageMode::Text, PageFlag::EarlierOcr),
            (!engine.can_lay_out(), PageFlag::NoLayoutModel),
            (recognises && !engine.can_read(), PageFlag::NoRecognitionModel),
        ];
        Self {
            failure: None,
            size: Some(page.size),
            mode: decision.mode,
            reason: decision.reason,
            flags: flags.into_iter().filter_map(|(raised, flag)| raised.then_some(flag)).collect(),
            outline: page.text.bookmarks.clone(),
            rotation: Rotation::None,
            tongue: Tongue::default(),
            skew: None,
            blocks: Vec::new(),
        }
    }

    /// A page that could not be read.
    pub(super) fn failed(failure: PageFailure) -> Self {
        Self {
            failure: Some(failure),
            size: None,
            mode: PageMode::Blank,
            reason: ModeReason::Undecided,
            flags: Vec::new(),
            outline: Vec::new(),
            rotation: Rotation::None,
            tongue: Tongue::default(),
            skew: None,
            blocks: Vec::new(),
        }
    }

    /// Whether a table of it is kept as text.
    pub(super) fn with_tables_as_text(mut self, as_text: bool) -> Self {
        self.flags.extend(as_text.then_some(PageFlag::TableAsText));
        self
    }

    /// How the page was turned, made level and divided.
    pub(super) fn with_places(mut self, seen: &[Seen]) -> Self {
        let pages = seen.iter().map(|seen| &seen.page);
        let skew = pages.clone().filter_map(|page| page.skew).max_by(|a, b| a.abs().total_cmp(&b.abs()));
        // It is not known to more than a hundredth of a degree.
        self.skew = skew.map(|degrees| (degrees * 100.0).round() / 100.0);
        self.rotation = pages.map(|page| page.rotation).next().unwrap_or_default();
        if seen.len() > 1 {
            self.flags.push(PageFlag::SpreadSplit);
        }
        self
    }

    pub(super) fn with_blocks(self, tongue: Tongue, blocks: Vec<Block>) -> Self {
        Self { tongue, blocks, ..self }
    }

    pub(super) fn into_record(self, task: &PageTask, provenance: Provenance) -> PageRecord {
        let status = match (&self.failure, self.mode) {
            (Some(_), _) => PageStatus::Failed,
            (None, PageMode::Blank) => PageStatus::Blank,
            (None, _) => PageStatus::Done,
        };
        PageRecord {
            schema: SCHEMA.to_owned(),
            document: task.document,
            page: task.page,
            status,
            failure: self.failure,
            size: self.size,
            rotation: self.rotation,
            skew: self.skew,
            mode: self.mode,
            mode_reason: self.reason,
            flags: self.flags,
            outline: self.outline,
            language: self.tongue.language,
            script: self.tongue.script,
            blocks: self.blocks,
            provenance,
        }
    }
}

impl PageReader {
    /// What makes the record of `task`.
    pub(super) fn provenance(&self, task: &PageTask, watch: Stopwatch) -> Provenance {
        Provenance {
            quire: env!("CARGO_PKG_VERSION").to_owned(),
            profile: Some(task.profile),
            renderer: self.renderer().to_owned(),
            models: self.engine().digests().clone(),
            milliseconds: watch.finish(),
        }
    }
}
