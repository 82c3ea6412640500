//! Orientation of lines (0° or 180°) and of whole pages (0°, 90°, 180°, 270°, and the few degrees that a scan leans).
//!
//! ```text
//!  quads ─▶ reading_axis ──────────────────────────┐
//!  lines ─▶ preprocess ─▶ LineOrienter::run ─▶ Half ┼─▶ page_rotation ─▶ the turn that sets the page upright
//!  lines read both ways ─▶ half_from_confidence ───┘
//! ```
//!
//! Page rotation is decided from evidence of three kinds, each a pure function: the shape of the
//! boxes tells upright from sideways; the orientation network and the recogniser's confidence tell
//! the right way up from upside down.

mod line;
mod page;
mod skew;

pub use line::{HalfTurn, LineOrienter, SIZE, preprocess};
pub use page::{
    OrientParams, ReadingAxis, Verdict, half_from_confidence, half_from_votes, page_rotation, reading_axis,
    sample,
};
pub use skew::{SkewParams, page_skew};
