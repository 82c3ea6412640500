//! The few shapes that networks run in where a new shape costs seconds: on a GPU, each begins with a search for the
//! fastest kernels. A batch is filled up to the only size there is for its items, so that a page reads the same
//! whatever shares the batch with it.

use crate::manifest::Role;

/// Widths of lines, in pixels at 48 pixels height. On a page of text they leave 12 % of a batch empty; the six widths
/// 256, 512, 1024, 1728, 2432 and 3200 left 42 %.
pub(crate) const WIDTHS: [u32; 12] = [128, 256, 384, 512, 640, 832, 1024, 1216, 1472, 1728, 2304, 3200];

/// Sides of a page before the detector are multiples of this: A4 at its 960 pixels runs in 960 × 768.
pub(crate) const SIDE_STEP: u32 = 192;

/// Pages in a batch.
pub const PAGES: usize = 8;

/// Most lines in a batch.
pub const LINES: usize = 128;

/// Most pixels of lines in a batch, padding included.
pub const LINE_PIXELS: usize = 64 * 48 * 1024;

/// Pictures of `width` × `height` pixels in a batch of the network with `role`.
pub(crate) fn batch(role: Role, (width, height): (usize, usize)) -> usize {
    match role {
        Role::Layout | Role::Detect => PAGES,
        Role::Orient => LINES,
        Role::Recognize => (LINE_PIXELS / (width * height).max(1)).clamp(1, LINES),
        Role::Table => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_of_lines_is_bounded_in_pixels_and_in_lines() {
        let lines = |width| batch(Role::Recognize, (width, 48));

        assert_eq!([96, 512, 1024, 1728, 3200, 10_000_000].map(lines), [128, 128, 64, 37, 20, 1]);
    }
}
