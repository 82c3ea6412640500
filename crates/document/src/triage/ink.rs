//! Whether anything is drawn on a page image.

use quire_raster::Raster;

/// A difference of a colour channel that a reader sees.
const VISIBLE: u8 = 24;
/// Fewer differing pixels are dust; a full stop at 100 pixels per inch has more.
const DUST: usize = 4;

/// Whether the image is more than one even colour.
pub fn has_ink(raster: &Raster) -> bool {
    let ground = raster.pixel(0, 0);
    let differs = |pixel: &[u8]| pixel.iter().zip(ground).any(|(a, b)| a.abs_diff(b) > VISIBLE);
    raster.bytes().chunks_exact(3).filter(|pixel| differs(pixel)).nth(DUST).is_some()
}
