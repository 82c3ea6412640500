//! From boxes to a document: pure functions, no files, no clocks, no models.
//!
//! ```text
//!  characters ──▶ triage, text_layer ──▶ lines ─┐
//!  recognised lines ────────────────────────────┼─▶ assemble ──▶ blocks in reading order ──▶ outline
//!  regions, tables ─────────────────────────────┘   (assign, blocks, order, classify)        (whole document)
//! ```
//!
//! What must stay true: no text is lost. Every line that goes in comes out in
//! exactly one block or table cell, whatever the layout model thought of it.

pub mod assemble;
pub mod bidi;
pub mod blocks;
pub mod bullets;
mod disjoint;
pub mod faint;
pub mod language;
mod mirror;
pub mod order;
pub mod outline;
pub mod rulings;
pub mod spread;
pub mod tables;
pub mod text_layer;
pub mod triage;

pub use assemble::{AssembleParams, FoundTable, PageEvidence, assemble, moved};
