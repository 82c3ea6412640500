//! When each stage worked on which pages: what the timeline and the busy shares are made from.
//!
//! ```text
//!  render ─┐
//!  cpu     ├─ span(stage, pages, from, to) ─▶ Trace ─▶ Timeline: lanes, shares, picture
//!  model ──┘
//! ```
//!
//! Off by default, and then free. A task says once which page it reads; whatever it starts knows.

mod picture;
mod timeline;

use std::{
    fmt,
    future::Future,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use quire_proto::PageNumber;

pub use timeline::{Lane, Share, Timeline};

/// Most spans kept: a timeline of more pages says nothing more.
const MOST_SPANS: usize = 1 << 20;

tokio::task_local! {
    static PAGE: PageNumber;
}

/// Runs `work`, all of which belongs to `page`.
pub(crate) async fn reading<T>(page: PageNumber, work: impl Future<Output = T>) -> T {
    PAGE.scope(page, work).await
}

/// The page that this task reads.
pub(crate) fn page() -> Option<PageNumber> {
    PAGE.try_with(|page| *page).ok()
}

/// What a span was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A render child.
    Render,
    /// The pool between the networks.
    Cpu,
    /// A network.
    Network,
}

/// A stretch of work.
#[derive(Clone, Debug)]
pub struct Span {
    /// Who worked.
    pub kind: Kind,
    /// At what.
    pub stage: &'static str,
    /// On which pages; a micro-batch may hold several.
    pub pages: Vec<PageNumber>,
    /// Items in the batch.
    pub items: usize,
    /// When it began.
    pub from: Instant,
    /// When it ended.
    pub to: Instant,
}

/// A setting that was changed while pages were read.
#[derive(Clone, Debug)]
pub struct Decision {
    /// When.
    pub at: Instant,
    /// To what.
    pub setting: String,
}

/// What is recorded.
#[derive(Debug, Default)]
struct Recorded {
    spans: Vec<Span>,
    decisions: Vec<Decision>,
    /// What is tuned, as it stands now.
    settings: Vec<String>,
}

/// Records spans; clones record into the same list.
#[derive(Clone, Debug, Default)]
pub struct Trace(Option<Arc<Mutex<Recorded>>>);

impl Trace {
    /// A trace that records.
    pub fn on() -> Self {
        Self(Some(Arc::default()))
    }

    /// Records what began at `from` and ends now; `pages` is only asked when somebody listens.
    pub(crate) fn record(
        &self,
        kind: Kind,
        stage: &'static str,
        from: Instant,
        items: usize,
        pages: impl FnOnce() -> Vec<PageNumber>,
    ) {
        let Some(recorded) = &self.0 else { return };
        let span = Span { kind, stage, pages: pages(), items, from, to: Instant::now() };
        let spans = &mut lock(recorded).spans;
        if spans.len() < MOST_SPANS {
            spans.push(span);
        }
    }

    /// Records how `settings`, which are tuned, stand now, and which of them was `changed`.
    pub(crate) fn tuned<S: fmt::Display>(&self, changed: Option<S>, settings: &[S]) {
        let Some(recorded) = &self.0 else { return };
        let mut recorded = lock(recorded);
        let decision = |setting: S| Decision { at: Instant::now(), setting: setting.to_string() };
        recorded.decisions.extend(changed.map(decision));
        recorded.settings = settings.iter().map(ToString::to_string).collect();
    }

    /// What was recorded since the last call.
    pub fn take(&self) -> Timeline {
        let Some(recorded) = &self.0 else { return Timeline::default() };
        let mut recorded = lock(recorded);
        let (spans, decisions) = (mem::take(&mut recorded.spans), mem::take(&mut recorded.decisions));
        Timeline::new(spans, decisions, recorded.settings.clone())
    }
}

fn lock(recorded: &Mutex<Recorded>) -> MutexGuard<'_, Recorded> {
    recorded.lock().unwrap_or_else(PoisonError::into_inner)
}
