//! Tables: where they are, what their grid is, and what stands in their cells.
//!
//! ```text
//!  lines, rulings ──▶ find ──▶ regions ─┐
//!  layout model ────────────────────────┴▶ structure (rulings | alignment | network) ──▶ fill ──▶ Table
//! ```
//!
//! What must stay true: no word is lost. What fits into no cell comes back as a line.

mod align;
mod banner;
mod choose;
mod directed;
mod fill;
mod find;
mod grid;
mod header;
mod labelled;
mod params;
mod rows;
mod rules;

pub use align::from_alignment;
pub use directed::{find, structure};
pub use fill::fill;
pub use grid::from_rulings;
pub use params::TableParams;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
