//! The models, from manifest to answer.
//!
//! ```text
//!  manifest ──▶ assets ──▶ prepare ──▶ session ──▶ layout, detect, recognize, orient, table, generate
//!  what         where      the graph   the network  preprocess ─▶ run ─▶ decode
//! ```
//!
//! Networks take [`pictures`] as bytes. Each model is three parts: `preprocess` and `decode` are pure functions that any
//! thread may run; `run` takes a batch and belongs to the one thread that owns the session.

pub mod assets;
pub mod available;
mod beside;
pub mod calibrate;
pub mod detect;
pub mod error;
pub mod generate;
mod kept;
pub mod layout;
pub mod load;
pub mod manifest;
pub mod orient;
pub mod pictures;
pub mod prepare;
pub mod provider;
pub mod recognize;
pub mod session;
mod shaped;
pub mod shapes;
pub mod table;
mod warm;

pub use error::ModelError;
pub use load::{Copies, LoadError, Loaded, ModelLoader, ModelOptions, Models};
