//! The text layer of a page: characters with boxes become words and lines.
//!
//! ```text
//!  PageText ──▶ glyphs (clean, composed, printed once) ──▶ runs (file order; right-to-left: logical) ──▶ lines ──▶ words
//! ```
//!
//! Lines come in the order in which the file draws them; reading order is decided later.
//! What must stay true: every visible character comes out once, except
//! - control characters, byte order marks and invisible soft hyphens, which say nothing;
//! - a character printed again on the same spot (fake bold, shadows);
//! - a free-standing accent over a letter, which becomes the accented letter (NFC);
//! - Latin ligatures (`ﬁ`) and the forms that Arabic letters take within words, which are written out, because a reader
//!   searches for `find`.

mod glyph;
mod logical;
mod marks;
mod params;
mod run;
mod turns;
mod words;

use quire_proto::{Rotation, page_text::PageText, record::Line};

pub use params::LineParams;

/// The lines of the page's text layer, in file order, with `dpi` pixels per inch.
pub fn lines(text: &PageText, dpi: f32) -> Vec<Line> {
    lines_with(text, dpi, &LineParams::default())
}

/// Like [`lines`], with other thresholds.
pub fn lines_with(text: &PageText, dpi: f32, params: &LineParams) -> Vec<Line> {
    let mut glyphs = glyph::glyphs(text, dpi, params);
    let runs = run::merged(run::runs(&glyphs, params), &glyphs, params);
    logical::ordered(runs, &mut glyphs, params)
        .iter()
        .filter_map(|run| words::line(run, &glyphs, text, params))
        .collect()
}

/// The clockwise turn that makes most of the page's text upright.
pub fn rotation(text: &PageText) -> Rotation {
    turns::Turns::of(text).upright(text)
}

#[cfg(test)]
mod tests;
