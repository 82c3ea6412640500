//! Letters for labels: an 8 × 8 bitmap for each ASCII character.

use font8x8::legacy::BASIC_LEGACY;

/// Width and height of a letter in its own dots.
pub(super) const SIZE: u32 = 8;

/// The dots of `letter` that are set, as `x`, `y`; none for what is not ASCII.
pub(super) fn dots(letter: char) -> impl Iterator<Item = (u32, u32)> {
    let rows = BASIC_LEGACY.get(letter as usize).copied().unwrap_or_default();
    (0..SIZE)
        .flat_map(move |y| (0..SIZE).filter(move |x| rows[y as usize] >> x & 1 == 1).map(move |x| (x, y)))
}
