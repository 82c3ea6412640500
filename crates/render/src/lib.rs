//! Pages out of hostile files, in sandboxed child processes.
//!
//! ```text
//!             ┌ thread render-0 ─ quire-render (pdfium, image decoders)
//!  RenderPool ┼ thread render-1 ─ quire-render        one page in each at a time
//!   (queue)   └ thread render-2 ─ quire-render
//!                   │
//!                   ├─▶ request, and the file or an empty memfd by descriptor     (wire, channel)
//!                   └─◀ reply; pixels and text record lie in the memfd            (page_memory)
//! ```
//!
//! A child reads files that somebody made to break it. So whatever it says is checked before use, it
//! has a deadline, memory and time limits, no file system and no network; and when it dies, hangs or
//! lies, one page is tried once more in a fresh child and then recorded as failed. What must stay true:
//! nothing that a file contains can hurt another page or this process.

mod channel;
#[doc(hidden)]
pub mod child;
mod config;
mod error;
mod fault;
mod job_queue;
mod live_child;
#[allow(unsafe_code, reason = "maps shared memory; see the SAFETY comments")]
mod page_memory;
mod pool;
mod reaped_child;
mod rendered_page;
mod sandbox_level;
mod slot;
mod source;
mod trust;
mod wire;

pub use config::{RenderConfig, SandboxPolicy};
pub use error::{OpenError, PageError, RenderError};
pub use pool::RenderPool;
pub use rendered_page::{RenderOptions, RenderedPage};
pub use sandbox_level::{Landlock, SandboxLevel};
pub use source::SourceFile;
pub use wire::{DocumentInfo, DocumentKind};
