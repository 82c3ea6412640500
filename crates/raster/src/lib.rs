//! Page images in memory: crop, turn, resize.
//!
//! A [`Raster`] is 8-bit RGB, rows packed, origin top left. Cloning shares the pixels.

mod moved;

use std::{fmt, sync::Arc};

use quire_proto::{Rect, Rotation};

/// Why pixels do not make an image.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RasterError {
    /// Width × height × 3 is not the number of bytes.
    #[error("{width} x {height} RGB pixels need {expected} bytes, got {actual}")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Bytes that the size asks for.
        expected: u64,
        /// Bytes that came.
        actual: u64,
    },
    /// The resizer refused.
    #[error("resize to {width} x {height}")]
    Resize {
        /// Width asked for.
        width: u32,
        /// Height asked for.
        height: u32,
        /// Its reason.
        source: fast_image_resize::ResizeError,
    },
}

/// How light an RGB pixel is, 0 to 255 (ITU-R BT.601).
pub fn luminance(pixel: [u8; 3]) -> u8 {
    let [red, green, blue] = pixel.map(u32::from);
    ((77 * red + 150 * green + 29 * blue) >> 8) as u8
}

/// An RGB image whose pixels may live anywhere: on the heap or in shared memory.
#[derive(Clone)]
pub struct Raster {
    width: u32,
    height: u32,
    pixels: Arc<dyn AsRef<[u8]> + Send + Sync>,
}

impl fmt::Debug for Raster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Raster({} x {})", self.width, self.height)
    }
}

impl Raster {
    /// An image over `pixels`, `width * height * 3` bytes of packed RGB rows.
    pub fn new(
        width: u32,
        height: u32,
        pixels: impl AsRef<[u8]> + Send + Sync + 'static,
    ) -> Result<Self, RasterError> {
        let expected = u64::from(width) * u64::from(height) * 3;
        let actual = pixels.as_ref().len() as u64;
        if expected != actual {
            return Err(RasterError::Size { width, height, expected, actual });
        }
        Ok(Self { width, height, pixels: Arc::new(pixels) })
    }

    /// A white image.
    pub fn white(width: u32, height: u32) -> Self {
        let pixels = vec![255_u8; width as usize * height as usize * 3];
        Self { width, height, pixels: Arc::new(pixels) }
    }

    /// Width in pixels.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// All pixels, row after row.
    pub fn bytes(&self) -> &[u8] {
        (*self.pixels).as_ref()
    }

    /// Memory that the pixels take.
    pub fn byte_len(&self) -> usize {
        self.bytes().len()
    }

    /// The pixels of row `y`.
    ///
    /// # Panics
    /// When `y` is outside the image.
    pub fn row(&self, y: u32) -> &[u8] {
        let stride = self.width as usize * 3;
        &self.bytes()[y as usize * stride..][..stride]
    }

    /// The pixel at `x`, `y`, clamped to the image; white for an empty one.
    pub fn pixel(&self, x: i64, y: i64) -> [u8; 3] {
        if self.width == 0 || self.height == 0 {
            return [255; 3];
        }
        let x = x.clamp(0, i64::from(self.width) - 1) as usize;
        let y = y.clamp(0, i64::from(self.height) - 1) as usize;
        let at = (y * self.width as usize + x) * 3;
        let bytes = self.bytes();
        [bytes[at], bytes[at + 1], bytes[at + 2]]
    }

    /// A copy of the part inside `rect` (page pixels, rounded outwards and clamped); `None` when nothing is left.
    pub fn crop(&self, rect: &Rect) -> Option<Self> {
        let rect = rect.clamped(self.width as f32, self.height as f32);
        let (x0, y0) = (rect.x0.floor() as u32, rect.y0.floor() as u32);
        let (x1, y1) = (rect.x1.ceil() as u32, rect.y1.ceil() as u32);
        if x1 <= x0 || y1 <= y0 {
            return None;
        }
        let mut pixels = Vec::with_capacity((x1 - x0) as usize * (y1 - y0) as usize * 3);
        for y in y0..y1 {
            pixels.extend_from_slice(&self.row(y)[x0 as usize * 3..x1 as usize * 3]);
        }
        Some(Self { width: x1 - x0, height: y1 - y0, pixels: Arc::new(pixels) })
    }

    /// The image turned clockwise.
    #[must_use]
    pub fn rotated(&self, rotation: Rotation) -> Self {
        let (width, height) = (self.width as usize, self.height as usize);
        let (out_width, out_height) = match rotation {
            Rotation::None => return self.clone(),
            Rotation::Half => (width, height),
            Rotation::Quarter | Rotation::ThreeQuarters => (height, width),
        };
        let source = self.bytes();
        let mut pixels = vec![0_u8; source.len()];
        for (y, row) in source.chunks_exact(width.max(1) * 3).enumerate() {
            for (x, pixel) in row.chunks_exact(3).enumerate() {
                let (out_x, out_y) = match rotation {
                    Rotation::Quarter => (height - 1 - y, x),
                    Rotation::ThreeQuarters => (y, width - 1 - x),
                    Rotation::None | Rotation::Half => (width - 1 - x, height - 1 - y),
                };
                let at = (out_y * out_width + out_x) * 3;
                pixels[at..at + 3].copy_from_slice(pixel);
            }
        }
        Self { width: out_width as u32, height: out_height as u32, pixels: Arc::new(pixels) }
    }

    /// The image resampled to `width` × `height` by area-aware bilinear filtering.
    pub fn resized(&self, width: u32, height: u32) -> Result<Self, RasterError> {
        self.part_resized(&Rect::new(0.0, 0.0, self.width as f32, self.height as f32), width, height)
    }

    /// The part inside `rect`, which must not reach beyond the image, resampled like [`resized`](Self::resized).
    ///
    /// # Errors
    /// When `rect` is empty or reaches beyond the image.
    pub fn part_resized(&self, rect: &Rect, width: u32, height: u32) -> Result<Self, RasterError> {
        // The typed interface: the dynamic one compiles every pixel format into this crate.
        use fast_image_resize::{
            FilterType, ResizeAlg, ResizeOptions, Resizer,
            images::{TypedImage, TypedImageRef},
            pixels::U8x3,
        };
        let area = width as usize * height as usize;
        let mut pixels = vec![0; area * 3];
        let wrong_size = |_| RasterError::Size {
            width: self.width,
            height: self.height,
            expected: u64::from(self.width) * u64::from(self.height) * 3,
            actual: self.byte_len() as u64,
        };
        let source =
            TypedImageRef::<U8x3>::from_buffer(self.width, self.height, self.bytes()).map_err(wrong_size)?;
        let mut target = TypedImage::<U8x3>::from_buffer(width, height, &mut pixels).map_err(wrong_size)?;
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear)).crop(
            rect.x0.into(),
            rect.y0.into(),
            f64::from(rect.x1) - f64::from(rect.x0),
            f64::from(rect.y1) - f64::from(rect.y0),
        );
        Resizer::new()
            .resize_typed(&source, &mut target, &options)
            .map_err(|source| RasterError::Resize { width, height, source })?;
        Ok(Self { width, height, pixels: Arc::new(pixels) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checker() -> Raster {
        Raster::new(2, 3, (0..18_u8).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn pixels_must_fill_the_image() {
        assert!(Raster::new(2, 2, vec![0; 11]).is_err());
    }

    #[test]
    fn four_quarter_turns_are_the_identity() {
        let mut turned = checker();

        for _ in 0..4 {
            turned = turned.rotated(Rotation::Quarter);
        }

        assert_eq!(turned.bytes(), checker().bytes());
        assert_eq!(checker().rotated(Rotation::Quarter).pixel(2, 0), checker().pixel(0, 0));
    }

    #[test]
    fn a_crop_outside_the_page_is_nothing() {
        assert!(checker().crop(&Rect::new(5.0, 5.0, 9.0, 9.0)).is_none());
        assert_eq!(checker().crop(&Rect::new(-4.0, 0.0, 1.0, 1.0)).unwrap().bytes(), &[0, 1, 2]);
    }

    #[test]
    fn a_part_is_resized_as_if_it_were_the_image() {
        let pixels: Vec<u8> = (0..40 * 20 * 3).map(|i| (i * 7 % 251) as u8).collect();
        let image = Raster::new(40, 20, pixels).unwrap();
        let rect = Rect::new(8.0, 4.0, 28.0, 16.0);

        let part = image.part_resized(&rect, 10, 24).unwrap();

        // At the edges of the part, pixels beyond them have their share.
        let alone = image.crop(&rect).unwrap().resized(10, 24).unwrap();
        let inner = |raster: &Raster| raster.crop(&Rect::new(1.0, 1.0, 9.0, 23.0)).unwrap().bytes().to_vec();
        assert_eq!(inner(&part), inner(&alone));
    }

    #[test]
    fn a_part_beyond_the_image_is_an_error() {
        assert!(checker().part_resized(&Rect::new(0.0, 0.0, 2.5, 3.0), 2, 2).is_err());
    }
}
