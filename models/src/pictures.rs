//! What every network takes: pictures of one size, as bytes.
//!
//! ```text
//!  ┌──────────┬────────┐
//!  │ picture  │ ground │  × as many as the batch has
//!  ├──────────┘        │
//!  └───────────────────┘
//! ```
//!
//! Turning bytes into normalised numbers is part of the prepared graph, so that a device is sent a quarter of the bytes.

use std::ops::Range;

use quire_raster::Raster;

use crate::recognize::LineImage;

/// Bytes in a pixel: red, green, blue.
const PIXEL: usize = 3;

/// A batch: each picture lies at the top left of a canvas.
#[derive(Clone, Debug)]
pub struct Pictures<'a> {
    /// Width of the canvas in pixels.
    width: usize,
    /// Height of the canvas in pixels.
    height: usize,
    /// The colour of what a picture does not cover.
    ground: [u8; PIXEL],
    all: Vec<Picture<'a>>,
}

/// One picture: packed RGB rows.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    width: usize,
    rgb: &'a [u8],
}

impl<'a> From<&'a Raster> for Picture<'a> {
    fn from(raster: &'a Raster) -> Self {
        Self { width: raster.width() as usize, rgb: raster.bytes() }
    }
}

impl<'a> From<&'a LineImage> for Picture<'a> {
    fn from(line: &'a LineImage) -> Self {
        Self { width: line.width() as usize, rgb: line.pixels() }
    }
}

impl<'a> Pictures<'a> {
    /// `all` on canvases of `width` × `height` pixels; what does not fit on its canvas is cut off.
    pub fn new<P: Into<Picture<'a>>>(
        (width, height): (u32, u32),
        ground: [u8; PIXEL],
        all: impl IntoIterator<Item = P>,
    ) -> Self {
        let all = all.into_iter().map(Into::into).collect();
        Self { width: width as usize, height: height as usize, ground, all }
    }

    /// The pictures in `range` alone.
    pub(crate) fn part(&self, range: Range<usize>) -> Self {
        Self { all: self.all.get(range).unwrap_or_default().to_vec(), ..*self }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Width and height of the canvas in pixels.
    pub const fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// Bytes of one canvas.
    pub const fn canvas_len(&self) -> usize {
        self.width * self.height * PIXEL
    }

    /// Writes canvas after canvas; places left over become empty canvases.
    pub fn write(&self, target: &mut [u8]) {
        let mut pictures = self.all.iter();
        for canvas in target.chunks_exact_mut(self.canvas_len().max(1)) {
            self.write_canvas(pictures.next(), canvas);
        }
    }

    fn write_canvas(&self, picture: Option<&Picture<'_>>, canvas: &mut [u8]) {
        let (rgb, width) = picture.map_or((&[] as &[u8], 0), |picture| (picture.rgb, picture.width));
        let mut rows = rgb.chunks_exact((width * PIXEL).max(1));
        for target in canvas.chunks_exact_mut((self.width * PIXEL).max(1)) {
            let row = rows.next().unwrap_or_default();
            let (covered, free) = target.split_at_mut(row.len().min(target.len()));
            covered.copy_from_slice(&row[..covered.len()]);
            free.as_chunks_mut().0.fill(self.ground);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_lies_at_the_top_left_and_the_rest_is_ground() {
        let (red, dot) = (Raster::new(1, 1, [255, 0, 0]).unwrap(), Raster::new(3, 1, [7; 9]).unwrap());
        let mut bytes = vec![99; 3 * 2 * 2 * 3];

        Pictures::new((2, 2), [1, 2, 3], [&red, &dot]).write(&mut bytes);

        let (ground, cut) = ([1, 2, 3], [7, 7, 7]);
        let expected = [[[255, 0, 0], ground, ground, ground], [cut, cut, ground, ground], [ground; 4]];
        assert_eq!(bytes, expected.as_flattened().as_flattened());
    }

    #[test]
    fn an_empty_picture_is_an_empty_canvas() {
        let mut bytes = vec![99; 6];

        Pictures::new((2, 1), [255; 3], [&Raster::white(0, 5)]).write(&mut bytes);

        assert_eq!(bytes, [255; 6]);
    }
}
