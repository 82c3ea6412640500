//! What people ask about jobs, answered from the store; only numbers that move come from progress.
//!
//! ```text
//!  status, list     where jobs stand
//!  view             what a job has of each document, while it runs too
//!  failures         what could not be read, and why
//!  verify           whether the store still holds what the manifest says
//!  remove           the records of a job go, results stay
//! ```

mod failures;
mod list;
mod remove;
mod status;
mod verify;
mod view;

pub use failures::{FailedDocument, FailedPage, Failures, ParkedRange};
pub use list::{JobEntry, JobList};
pub use status::{JobStatus, Phase};
pub use verify::Verification;
pub use view::JobView;
