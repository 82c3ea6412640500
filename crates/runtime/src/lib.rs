//! What every Quire process shares: configuration, supervision, signals.
//!
//! ```text
//!  config/      file, environment and flags into one checked struct
//!  supervisor   owns the long-running tasks, from spawn to join
//!  signal       Ctrl-C once to drain, twice to leave
//! ```

pub mod config;
mod signal;
mod supervisor;

pub use signal::cancel_on_signal;
pub use supervisor::{Supervisor, SupervisorError};
