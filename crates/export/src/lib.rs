//! Page records to Markdown, plain text and JSON.
//!
//! ```text
//!  PageRecord ──▶ MarkdownWriter   for people and retrieval: running text, no page furniture
//!             ──▶ TextWriter       for search: everything, line by line, form feed between pages
//!             ──▶ JsonWriter       for programs: the records themselves
//! ```
//!
//! What must stay true: each writer sees one page at a time, keeps no more than the
//! paragraph that may go on and the words met so far, and derives everything from the record alone.

mod clean;
mod hyphen;
mod json;
mod markdown;
pub mod schema;
mod text;

pub use json::{DOCUMENT_SCHEMA, Document, JsonWriter};
pub use markdown::{MarkdownOptions, MarkdownWriter};
pub use text::TextWriter;
