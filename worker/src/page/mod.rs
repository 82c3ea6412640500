//! One page, from the request to its record.
//!
//! ```text
//!  admit ─▶ render ─▶ triage ─┬─ text layer ──────────────┐
//!  bytes    child             └─ detect, cut, recognize ──┤
//!                              └─ layout ─▶ tables ───────┴─▶ assemble ─▶ record, figures
//! ```
//!
//! [`PageReader::read`] reads like the sequential algorithm. Many pages run it at
//! once, and meet in the micro-batches of the [engine](crate::engine).

mod crowded;
mod draft;
mod figures;
mod language;
mod logical;
mod ocr;
mod orientation;
mod outcome;
mod pixels;
mod read;
mod reader;
mod scripts;
mod seen;
mod stopwatch;
mod triage;
mod upright;
mod written;

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

pub use figures::FigureFile;
pub use outcome::{PageStop, ReadPage};
pub use reader::{PageReader, PageTask, ReaderParams, ReaderParts};

/// What reads pages: the [`PageReader`], or a stand-in that costs nothing, to measure what is around it.
#[async_trait]
pub trait ReadPages: Send + Sync + 'static {
    /// Reads a page. A page that cannot be read is a record that says so. Cancel safe: nothing but work is lost.
    ///
    /// # Errors
    /// Only when the page was not judged: the worker stops, or its renderer or engine is gone.
    async fn read(&self, task: &PageTask, shutdown: &CancellationToken) -> Result<ReadPage, PageStop>;
}

#[async_trait]
impl ReadPages for PageReader {
    async fn read(&self, task: &PageTask, shutdown: &CancellationToken) -> Result<ReadPage, PageStop> {
        PageReader::read(self, task, shutdown).await
    }
}
