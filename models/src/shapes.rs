//! The few shapes that networks run in where a new shape costs seconds: on a GPU, each begins with a search for the
//! fastest kernels. A batch is filled up to the only size there is for its items, so that a page reads the same
//! whatever shares the batch with it.

use crate::manifest::Role;

/// Widths of lines, in pixels at 48 pixels height. With these, 17 % of what is computed for a page of text is padding; with
/// six it was 42 %, with twelve 14 %, but every width costs memory of the device and seconds at the start.
pub(crate) const WIDTHS: [u32; 8] = [128, 320, 640, 960, 1280, 1600, 2240, 3200];

/// The widths of words and of whole lines, which every page of text has: ready before the first page. Others are made
/// ready by the first line that needs them.
pub(crate) const FIRST_WIDTHS: [u32; 2] = [128, 1280];

/// Sides of a page before the detector are multiples of this: A4 at 1280 pixels runs in 960 × 1344.
pub(crate) const SIDE_STEP: u32 = 192;

/// Most canvases that a network keeps sessions for; odd pages then take turns.
pub(crate) const MOST: usize = 12;

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
        Role::Table | Role::Transcribe | Role::Formula => 1,
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
