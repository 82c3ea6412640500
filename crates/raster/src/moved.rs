//! An image turned by any angle.

use std::sync::Arc;

use quire_proto::{Motion, Point};

use crate::Raster;

/// Bits of the fraction in fixed-point coordinates.
const FRACTION: u32 = 8;
/// One pixel in fixed-point units.
const ONE: i64 = 1 << FRACTION;

impl Raster {
    /// A `width` × `height` image of this one after `motion`, by bilinear interpolation; white where nothing lands.
    #[must_use]
    pub fn moved(&self, motion: &Motion, width: u32, height: u32) -> Self {
        let mut pixels = vec![255_u8; width as usize * height as usize * 3];
        let (back, source) = (motion.inverse(), Source::of(self));
        for (y, row) in pixels.chunks_exact_mut((width as usize * 3).max(1)).enumerate() {
            // Pixels are squares, whose middles are half a pixel from their corners.
            let from = back.point(Point::new(0.5, y as f32 + 0.5));
            let to = back.point(Point::new(width as f32 + 0.5, y as f32 + 0.5));
            let step = Point::new((to.x - from.x) / width as f32, (to.y - from.y) / width as f32);
            for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                let at = Point::new(from.x + step.x * x as f32 - 0.5, from.y + step.y * x as f32 - 0.5);
                if let Some(color) = source.between(at) {
                    pixel.copy_from_slice(&color);
                }
            }
        }
        Self { width, height, pixels: Arc::new(pixels) }
    }
}

/// The pixels of an image, at whole coordinates.
struct Source<'a> {
    bytes: &'a [u8],
    width: i64,
    height: i64,
}

impl<'a> Source<'a> {
    fn of(image: &'a Raster) -> Self {
        Self { bytes: image.bytes(), width: image.width.into(), height: image.height.into() }
    }

    /// The colour at `at`; `None` more than half a pixel beside the image.
    fn between(&self, at: Point) -> Option<[u8; 3]> {
        let (x, y) = ((at.x * ONE as f32) as i64, (at.y * ONE as f32) as i64);
        let inside = |at: i64, length: i64| at > -ONE / 2 && at < length * ONE - ONE / 2;
        if !(inside(x, self.width) && inside(y, self.height)) {
            return None;
        }
        let (right, down) = ((x & (ONE - 1)) as u32, (y & (ONE - 1)) as u32);
        let (left, up) = (ONE as u32 - right, ONE as u32 - down);
        let (x, y) = (x >> FRACTION, y >> FRACTION);
        let corners = [
            (x, y, left * up),
            (x + 1, y, right * up),
            (x, y + 1, left * down),
            (x + 1, y + 1, right * down),
        ];
        let mut sum = [1_u32 << (2 * FRACTION - 1); 3];
        for (x, y, share) in corners {
            let at = (y.clamp(0, self.height - 1) * self.width + x.clamp(0, self.width - 1)) as usize * 3;
            for (sum, value) in sum.iter_mut().zip(self.bytes.get(at..at + 3)?) {
                *sum += u32::from(*value) * share;
            }
        }
        Some(sum.map(|sum| (sum >> (2 * FRACTION)) as u8))
    }
}

#[cfg(test)]
mod tests {
    use quire_proto::Rotation;

    use super::*;

    fn gradient() -> Raster {
        let pixels: Vec<u8> =
            (0..40 * 30).flat_map(|at| [(at % 40 * 5) as u8, (at / 40 * 7) as u8, 9]).collect();
        Raster::new(40, 30, pixels).unwrap()
    }

    #[test]
    fn a_quarter_turn_is_the_same_by_either_way() {
        let turn = Motion::turn(Rotation::Quarter, 40.0, 30.0);

        let moved = gradient().moved(&turn, 30, 40);

        assert_eq!(moved.bytes(), gradient().rotated(Rotation::Quarter).bytes());
    }

    #[test]
    fn a_tilted_image_tilted_back_is_the_image_but_for_rounding() {
        let about = |x, y| Point::new(x, y);
        let tilt = Motion::tilt(4.0, about(20.0, 15.0), about(25.0, 20.0));

        let back = gradient().moved(&tilt, 50, 40).moved(&tilt.inverse(), 40, 30);

        for (x, y) in [(20, 15), (3, 3), (36, 3), (3, 26), (36, 26)] {
            let (found, expected) = (back.pixel(x, y), gradient().pixel(x, y));
            let near = found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= 2);
            assert!(near, "{x} {y}: {found:?} {expected:?}");
        }
    }

    #[test]
    fn what_lies_beside_the_image_is_white() {
        let tilt = Motion::tilt(30.0, Point::new(20.0, 15.0), Point::new(20.0, 15.0));

        assert_eq!(gradient().moved(&tilt, 40, 30).pixel(0, 0), [255; 3]);
        assert_eq!(Raster::white(0, 0).moved(&tilt, 3, 2).bytes(), &[255; 18]);
    }
}
