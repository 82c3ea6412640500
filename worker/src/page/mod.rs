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

mod draft;
mod figures;
mod ocr;
mod orientation;
mod outcome;
mod read;
mod reader;
mod seen;
mod stopwatch;
mod upright;

pub use figures::FigureFile;
pub use outcome::{PageStop, ReadPage};
pub use reader::{PageReader, PageTask, ReaderParams, ReaderParts};
