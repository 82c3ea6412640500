//! Redis as a progress store.
//!
//! ```text
//!  quire:{job}:meta                number of the first and of the last event
//!  quire:{job}:counts              pages by document and state
//!  quire:{job}:<document>:<state>  a bitmap of pages
//!  quire:{job}:events              a stream of the last events
//!  quire:{job}:<document>:begun:<pages>  how often workers began on a range since it last ended
//! ```
//!
//! One script sets bits, counts and events, so that they agree whatever a
//! client believed of its last call. Redis may be emptied: the numbers of events
//! begin anew above all older ones, so that every reader notices, and marking the
//! pages again brings everything back.

mod config;
mod connections;
mod error;
mod keys;
mod progress_store;
mod reply;

pub use config::RedisConfig;
pub use progress_store::RedisProgressStore;
