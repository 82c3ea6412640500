//! How light each pixel of a page is.

use quire_raster::{Raster, luminance};

/// Luminance, 8 bits, row after row.
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    light: Vec<u8>,
}

impl Plane {
    pub(super) fn of(page: &Raster) -> Self {
        let light = page.bytes().as_chunks().0.iter().map(|pixel| luminance(*pixel)).collect();
        Self { width: page.width() as usize, height: page.height() as usize, light }
    }

    /// Turned over the diagonal: columns become rows.
    pub(super) fn transposed(&self) -> Self {
        /// Pixels of a block that is read and written while it is in the cache.
        const BLOCK: usize = 32;
        let mut light = vec![0; self.light.len()];
        for top in (0..self.height).step_by(BLOCK) {
            for left in (0..self.width).step_by(BLOCK) {
                for y in top..(top + BLOCK).min(self.height) {
                    for x in left..(left + BLOCK).min(self.width) {
                        light[x * self.height + y] = self.light[y * self.width + x];
                    }
                }
            }
        }
        Self { width: self.height, height: self.width, light }
    }

    fn row(&self, y: usize) -> &[u8] {
        &self.light[y * self.width..][..self.width]
    }

    /// Marks with 1 the pixels of row `y` that are darker by `contrast` than something within `reach` rows on either side.
    pub(super) fn ridges(&self, y: usize, reach: usize, contrast: u8, marks: &mut [u8]) {
        let near = [reach.div_ceil(3), (2 * reach).div_ceil(3), reach];
        let [a, b, c] = near.map(|step| self.row(y.saturating_sub(step)));
        let [d, e, f] = near.map(|step| self.row((y + step).min(self.height - 1)));
        // Of equal lengths, so that the loop needs no checks and runs in vectors.
        let (row, marks) = (self.row(y), &mut marks[..self.width]);
        for x in 0..marks.len() {
            let (above, below) = (a[x].max(b[x]).max(c[x]), d[x].max(e[x]).max(f[x]));
            marks[x] = u8::from(above.min(below).saturating_sub(row[x]) >= contrast);
        }
    }
}
