//! Splits documents into page ranges and accounts for every page.
//!
//! ```text
//!  submit ─▶ spec.json ─▶ plan ─▶ plan.json ─▶ feed ─▶ queue ─▶ (worker) ─▶ range objects
//!                                               ▲                               │
//!                                               └── holes ◀── coverage ◀────────┘
//!                                                                │ no holes
//!                                                                ▼
//!                                                          manifest.json
//! ```
//!
//! The store is the only truth: what is still to do is always what the plan has
//! and the store has not. Messages and progress are hints that may be lost.

pub mod coverage;
pub mod error;
pub mod events;
pub mod plan;
pub mod reader;
mod records;
mod results;
mod run;
pub mod service;
pub mod submit;

pub use coverage::{Coverage, RangeOutcome};
pub use error::CoordinatorError;
pub use events::JobEvent;
pub use plan::{CountError, PageCounter};
pub use reader::{PageReader, ReadError};
pub use service::{Coordinator, JobOutcome, Settings};
pub use submit::{Input, RefusedInput, SubmitRequest, Submitted};
