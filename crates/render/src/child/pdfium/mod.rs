//! pdfium behind types that cannot be misused: a page cannot outlive its document, an object its page.
//!
//! pdfium is not thread-safe. All types here hold raw handles, so they are not `Send`, and the child has one thread.

mod bookmarks;
mod document;
mod library;
mod object;
mod page;
mod text;

pub(super) use document::{Document, LoadError};
pub(super) use library::Library;
pub(super) use object::{Font, Object, ObjectKind, Segment};
pub(super) use page::Page;
pub(super) use text::TextLayer;
