//! TIFF pages: bilevel (also CCITT group 4), grey, palette, RGB, CMYK and YCbCr, of 1 to 16 bits.

use std::{collections::HashSet, io::Cursor};

use ::image::{DynamicImage, GrayImage, RgbImage, RgbaImage};
use tiff::{
    ColorType, TiffError,
    decoder::{Decoder, DecodingResult, Limits, ifd::Value},
    tags::Tag,
};

use super::{
    image::{DecodeError, Decoded, on_white},
    resolution,
};

/// Directories followed: one file can hold more than anybody has pages.
const MAX_DIRECTORIES: u32 = 100_000;

type Reader<'a> = Decoder<Cursor<&'a [u8]>>;

/// Number of pages, which are its directories.
pub(super) fn count_pages(bytes: &[u8]) -> Result<u32, String> {
    let mut reader = Reader::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut seen = HashSet::new();
    let mut pages = 1;
    // The chain of directories may be broken or run in a circle: what came before is good.
    while reader.more_images() && pages < MAX_DIRECTORIES && seen.insert(reader.ifd_pointer().map(|at| at.0))
    {
        if reader.next_image().is_err() {
            break;
        }
        pages += 1;
    }
    Ok(pages)
}

/// Decodes a page, from zero.
pub(super) fn decode(bytes: &[u8], page: u32, memory: u64) -> Result<Decoded, DecodeError> {
    let mut limits = Limits::default();
    limits.decoding_buffer_size = usize::try_from(memory).unwrap_or(usize::MAX);
    limits.intermediate_buffer_size = limits.decoding_buffer_size;
    let mut reader = Reader::new(Cursor::new(bytes)).map_err(decode_error)?.with_limits(limits);
    for _ in 0..page {
        reader.next_image().map_err(decode_error)?;
    }
    let stated = reader.find_tag(Tag::XResolution).ok().flatten().and_then(number);
    let unit = reader.find_tag_unsigned(Tag::ResolutionUnit).ok().flatten();
    let dpi = resolution::of_tiff(stated, unit);
    let image = decode_image(&mut reader, memory)?;
    Ok(Decoded { image, dpi })
}

/// The number in a tag that should hold a fraction.
fn number(value: Value) -> Option<f32> {
    match value {
        Value::Rational(above, below) if below > 0 => Some(above as f32 / below as f32),
        Value::Float(number) => Some(number),
        other => other.into_u32().ok().map(|number| number as f32),
    }
}

fn decode_image(reader: &mut Reader<'_>, memory: u64) -> Result<RgbImage, DecodeError> {
    let (width, height) = reader.dimensions().map_err(decode_error)?;
    if u64::from(width) * u64::from(height) > memory / 4 {
        return Err(DecodeError::TooLarge(format!("an image of {width} x {height} pixels")));
    }
    let color = reader.colortype().map_err(decode_error)?;
    let palette = match color {
        ColorType::Palette(_) => reader.get_tag_u16_vec(Tag::ColorMap).map_err(decode_error)?,
        _ => Vec::new(),
    };
    let samples = match reader.read_image().map_err(decode_error)? {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => samples.into_iter().map(|sample| (sample >> 8) as u8).collect(),
        _ => {
            return Err(DecodeError::Damaged(
                "samples that are not whole numbers of 8 or 16 bits".to_owned(),
            ));
        }
    };
    let layout = Layout { width, height, bits: color.bit_depth().min(8) };
    let image = to_image(&layout, color, samples, &palette);
    image.ok_or_else(|| {
        DecodeError::Damaged(format!("{width} x {height} pixels of {color:?} are not all there"))
    })
}

/// How the samples lie.
struct Layout {
    width: u32,
    height: u32,
    bits: u8,
}

impl Layout {
    /// One byte for each sample: rows of narrower ones are packed, each row from a new byte.
    fn unpacked(&self, samples: Vec<u8>, per_pixel: usize) -> Vec<u8> {
        if self.bits >= 8 {
            return samples;
        }
        let bits = usize::from(self.bits.max(1));
        let row = self.width as usize * per_pixel;
        let mask = (1_u16 << bits) - 1;
        let bytes_per_row = (row * bits).div_ceil(8).max(1);
        samples
            .chunks(bytes_per_row)
            .take(self.height as usize)
            .flat_map(|bytes| {
                (0..row.min(bytes.len() * 8 / bits)).map(move |index| {
                    let at = index * bits;
                    let window =
                        u16::from(bytes[at / 8]) << 8 | bytes.get(at / 8 + 1).copied().map_or(0, u16::from);
                    ((window >> (16 - bits - at % 8)) & mask) as u8
                })
            })
            .collect()
    }

    /// Stretches samples of this depth to 0 to 255.
    fn stretched(&self, mut samples: Vec<u8>) -> Vec<u8> {
        if self.bits < 8 {
            let max = (1_u32 << self.bits.max(1)) - 1;
            for sample in &mut samples {
                *sample = (u32::from(*sample) * 255 / max) as u8;
            }
        }
        samples
    }
}

/// The samples as an image; `None` when there are too few of them, or the colours are of an unknown kind.
fn to_image(layout: &Layout, color: ColorType, samples: Vec<u8>, palette: &[u16]) -> Option<RgbImage> {
    let (width, height) = (layout.width, layout.height);
    let per_pixel = usize::from(color.num_samples());
    let samples = layout.unpacked(samples, per_pixel);
    let each = |convert: fn([u8; 4]) -> [u8; 3], samples: Vec<u8>| {
        let pixels = samples
            .chunks_exact(per_pixel)
            .flat_map(|pixel| convert(std::array::from_fn(|index| pixel.get(index).copied().unwrap_or(255))));
        RgbImage::from_raw(width, height, pixels.collect())
    };
    match color {
        ColorType::Gray(_) => {
            let grey = GrayImage::from_raw(width, height, layout.stretched(samples))?;
            Some(DynamicImage::from(grey).into_rgb8())
        }
        ColorType::Palette(_) => {
            let entries = palette.len() / 3;
            let channel = |plane: usize, index: u8| {
                palette.get(plane * entries + usize::from(index)).map_or(0, |value| (value >> 8) as u8)
            };
            let pixels = samples.iter().flat_map(|index| [0, 1, 2].map(|plane| channel(plane, *index)));
            RgbImage::from_raw(width, height, pixels.collect())
        }
        ColorType::RGB(_) => RgbImage::from_raw(width, height, layout.stretched(samples)),
        ColorType::RGBA(_) => RgbaImage::from_raw(width, height, samples).map(|image| on_white(image.into())),
        ColorType::GrayA(_) => each(grey_alpha_to_rgb, samples),
        ColorType::CMYK(_) => each(cmyk_to_rgb, samples),
        ColorType::YCbCr(_) => each(ycbcr_to_rgb, samples),
        _ => None,
    }
}

fn grey_alpha_to_rgb([grey, alpha, ..]: [u8; 4]) -> [u8; 3] {
    let on_white = (u32::from(grey) * u32::from(alpha) + 255 * (255 - u32::from(alpha))) / 255;
    [on_white as u8; 3]
}

fn cmyk_to_rgb([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    [cyan, magenta, yellow].map(|ink| (u16::from(255 - ink) * u16::from(255 - black) / 255) as u8)
}

fn ycbcr_to_rgb([luma, blue, red, _]: [u8; 4]) -> [u8; 3] {
    let (luma, blue, red) = (f32::from(luma), f32::from(blue) - 128.0, f32::from(red) - 128.0);
    [luma + 1.402 * red, luma - 0.344_14 * blue - 0.714_14 * red, luma + 1.772 * blue]
        .map(|channel| channel.round().clamp(0.0, 255.0) as u8)
}

fn decode_error(error: TiffError) -> DecodeError {
    match error {
        TiffError::LimitsExceeded => DecodeError::TooLarge("an image beyond the memory limit".to_owned()),
        other => DecodeError::Damaged(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_rows_are_unpacked_row_by_row() {
        let layout = Layout { width: 3, height: 2, bits: 1 };

        let samples = layout.stretched(layout.unpacked(vec![0b1010_0000, 0b0100_0000], 1));

        assert_eq!(samples, [255, 0, 255, 0, 255, 0]);
    }

    #[test]
    fn too_few_samples_are_no_image() {
        let layout = Layout { width: 4, height: 4, bits: 8 };

        assert!(to_image(&layout, ColorType::RGB(8), vec![0; 47], &[]).is_none());
    }
}
