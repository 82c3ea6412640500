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

pub mod coordinator;
pub mod coverage;
pub mod error;
pub mod events;
mod fit;
pub mod gauge;
pub mod gc;
pub mod jobs;
mod parked;
pub mod plan;
pub mod reader;
mod records;
mod results;
mod run;
pub mod service;
pub mod settings;
pub mod submit;
mod window;

pub use coordinator::{Coordinator, JobOutcome};
pub use coverage::{Coverage, RangeOutcome};
pub use error::CoordinatorError;
pub use events::JobEvent;
pub use gauge::Gauge;
pub use plan::{CountError, PageCounter};
pub use reader::{PageReader, ReadError};
pub use service::Service;
pub use settings::Settings;
pub use submit::{Input, JobTerms, RefusedInput, SubmitRequest, Submitted};
