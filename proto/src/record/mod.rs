//! The canonical page record: everything Quire knows about a page.
//!
//! Every output format is derived from it, at any later time, without a model.
//! Its JSON Schema is published in `docs/schema/page-record.json`.
//! Boxes are in pixels of the page image as a viewer shows the page ([`PageSize`]).

mod block;
mod page;

pub use block::{Block, BlockKind, Cell, Continued, Figure, FontStyle, Line, ListItem, Mark, Table, Word};
pub use page::{
    FailureClass, ModeReason, PageFailure, PageFlag, PageMode, PageRecord, PageSize, PageStatus, Provenance,
    SCHEMA,
};
