//! What every Quire process shares: configuration, supervision, signals.
//!
//! ```text
//!  config/      file, environment and flags into one checked struct
//!  supervisor   owns the long-running tasks, from spawn to join
//!  environment  what native libraries read from it
//!  signal       Ctrl-C once to drain, twice to leave
//!  leave        the end of a process, without exit handlers
//! ```

pub mod config;
pub mod environment;
mod leave;
mod signal;
mod supervisor;

pub use leave::leave;
pub use signal::cancel_on_signal;
pub use supervisor::{Supervisor, SupervisorError};
