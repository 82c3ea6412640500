//! Image files as documents: PNG and JPEG of one page, TIFF of many.

use std::io::Cursor;

use ::image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, RgbImage, imageops};
use memmap2::Mmap;
use quire_proto::page_text::PageText;

use crate::wire::{OpenRefusal, PageHeader, Reply};

use super::{
    document::{PageTarget, Plan},
    resolution, tiff,
};

/// An image file.
pub(super) struct ImageDocument {
    bytes: Mmap,
    format: Format,
    pages: u32,
    /// Bytes that a decoder may use.
    memory: u64,
}

/// A format that is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Png,
    Jpeg,
    Tiff,
}

/// A page as a decoder gives it.
pub(super) struct Decoded {
    pub(super) image: RgbImage,
    /// As the file states it.
    pub(super) dpi: Option<f32>,
}

/// Why a page cannot be decoded.
#[derive(Debug)]
pub(super) enum DecodeError {
    Damaged(String),
    TooLarge(String),
}

impl ImageDocument {
    /// The format that the first bytes show.
    pub(super) fn recognise(bytes: &[u8]) -> Option<Format> {
        const MAGIC: [(&[u8], Format); 6] = [
            (b"\x89PNG\r\n\x1a\n", Format::Png),
            (b"\xff\xd8\xff", Format::Jpeg),
            (b"II\x2a\0", Format::Tiff),
            (b"MM\0\x2a", Format::Tiff),
            (b"II\x2b\0", Format::Tiff),
            (b"MM\0\x2b", Format::Tiff),
        ];
        MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, format)| *format)
    }

    /// Opens an image; only a TIFF is read for it, as far as its directories.
    pub(super) fn open(bytes: Mmap, format: Format, address_space: u64) -> Result<Self, OpenRefusal> {
        let pages = match format {
            Format::Png | Format::Jpeg => 1,
            Format::Tiff => tiff::count_pages(&bytes).map_err(OpenRefusal::Unreadable)?,
        };
        // Half of it: the decoded image and its RGB copy exist together.
        Ok(Self { bytes, format, pages, memory: address_space / 2 })
    }

    pub(super) fn pages(&self) -> u32 {
        self.pages
    }

    /// Draws a page at its own resolution, smaller only where a cap asks for it.
    pub(super) fn render(&self, target: &PageTarget) -> Reply {
        let decoded = match self.format {
            Format::Png => {
                decode(&self.bytes, ImageFormat::Png, resolution::of_png(&self.bytes), self.memory)
            }
            Format::Jpeg => {
                decode(&self.bytes, ImageFormat::Jpeg, resolution::of_jpeg(&self.bytes), self.memory)
            }
            Format::Tiff => tiff::decode(&self.bytes, target.request.page, self.memory),
        };
        let Decoded { image, dpi } = match decoded {
            Ok(decoded) => decoded,
            Err(DecodeError::Damaged(reason)) => {
                return Reply::PageRefused(format!("damaged image: {reason}"));
            }
            Err(DecodeError::TooLarge(reason)) => return Reply::PageTooLarge(reason),
        };
        let (width, height) = image.dimensions();
        if width == 0 || height == 0 {
            return Reply::PageRefused("an image without pixels".to_owned());
        }
        let stated = resolution::believe(dpi);
        let plan = Plan::fit(width.into(), height.into(), stated, target.request.max_pixels);
        let image = if plan.smaller { imageops::thumbnail(&image, plan.width, plan.height) } else { image };
        let mut canvas = match target.canvas(plan.width, plan.height) {
            Ok(canvas) => canvas,
            Err(reply) => return reply,
        };
        canvas.copy_from_slice(image.as_raw());
        let header = PageHeader {
            width_px: plan.width,
            height_px: plan.height,
            width_pt: width as f32 * 72.0 / stated,
            height_pt: height as f32 * 72.0 / stated,
            dpi: plan.dpi,
            rendered_smaller: plan.smaller,
            text_bytes: 0,
        };
        target.finish(canvas, header, &PageText::default())
    }
}

fn decode(bytes: &[u8], format: ImageFormat, dpi: Option<f32>, memory: u64) -> Result<Decoded, DecodeError> {
    let mut decoder =
        ImageReader::with_format(Cursor::new(bytes), format).into_decoder().map_err(decode_error)?;
    let mut limits = ::image::Limits::no_limits();
    limits.max_alloc = Some(memory);
    decoder.set_limits(limits).map_err(decode_error)?;
    if decoder.total_bytes() > memory {
        return Err(DecodeError::TooLarge(format!("an image of {} bytes", decoder.total_bytes())));
    }
    let orientation = decoder.orientation().map_err(decode_error)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(decode_error)?;
    image.apply_orientation(orientation);
    Ok(Decoded { image: on_white(image), dpi })
}

fn decode_error(error: ImageError) -> DecodeError {
    match error {
        ImageError::Limits(limit) => DecodeError::TooLarge(limit.to_string()),
        other => DecodeError::Damaged(other.to_string()),
    }
}

/// The image as it looks on paper.
pub(super) fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let (width, height) = image.dimensions();
    let mut flat = RgbImage::new(width, height);
    for (from, to) in image.pixels().zip(flat.pixels_mut()) {
        let [red, green, blue, alpha] = from.0.map(u32::from);
        to.0 = [red, green, blue].map(|channel| ((channel * alpha + 255 * (255 - alpha) + 127) / 255) as u8);
    }
    flat
}

#[cfg(test)]
mod tests {
    use ::image::{Rgba, RgbaImage};

    use super::*;

    #[test]
    fn what_is_transparent_is_white() {
        let image = RgbaImage::from_pixel(1, 1, Rgba([10, 20, 30, 0]));

        assert_eq!(on_white(image.into()).get_pixel(0, 0).0, [255; 3]);
    }
}
