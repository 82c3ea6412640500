//! Pixels per inch, as an image file states them.

/// Resolutions that scanners and cameras of documents really have; anything else is a default of some program.
const BELIEVABLE: std::ops::RangeInclusive<f32> = 72.0..=1200.0;

/// Assumed where the file says nothing believable.
const ASSUMED: f32 = 200.0;

const CM_PER_INCH: f32 = 2.54;

/// The stated resolution if it is believable, otherwise 200.
pub(super) fn believe(stated: Option<f32>) -> f32 {
    stated.filter(|dpi| BELIEVABLE.contains(dpi)).unwrap_or(ASSUMED)
}

/// The resolution in a PNG file: chunk `pHYs`.
pub(super) fn of_png(bytes: &[u8]) -> Option<f32> {
    let mut rest = bytes.get(8..)?;
    loop {
        let length = u32::from_be_bytes(*rest.first_chunk()?) as usize;
        let (kind, data) = (rest.get(4..8)?, rest.get(8..8_usize.checked_add(length)?)?);
        match kind {
            b"pHYs" => {
                let per_metre = u32::from_be_bytes(*data.first_chunk()?) as f32;
                return (data.get(8) == Some(&1)).then_some(per_metre * CM_PER_INCH / 100.0);
            }
            b"IDAT" => return None,
            _ => rest = rest.get(length.checked_add(12)?..)?,
        }
    }
}

/// The resolution in a JPEG file: segment `APP0` (JFIF).
pub(super) fn of_jpeg(bytes: &[u8]) -> Option<f32> {
    let mut rest = bytes.get(2..)?;
    loop {
        let [0xff, marker, high, low] = *rest.first_chunk()? else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let data = rest.get(4..2 + length)?;
        match marker {
            0xe0 if data.starts_with(b"JFIF\0") => {
                let density = f32::from(u16::from_be_bytes([*data.get(8)?, *data.get(9)?]));
                return match data.get(7)? {
                    1 => Some(density),
                    2 => Some(density * CM_PER_INCH),
                    _ => None,
                };
            }
            // The picture begins.
            0xda => return None,
            _ => rest = rest.get(2 + length..)?,
        }
    }
}

/// The resolution in a TIFF file: tags `XResolution` and `ResolutionUnit`.
pub(super) fn of_tiff(resolution: Option<f32>, unit: Option<u32>) -> Option<f32> {
    match unit {
        Some(3) => resolution.map(|dots| dots * CM_PER_INCH),
        Some(1) => None,
        _ => resolution,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonsense_is_not_believed() {
        assert_eq!(believe(Some(300.0)), 300.0);
        assert_eq!(believe(Some(1.0)), 200.0);
        assert_eq!(believe(Some(f32::NAN)), 200.0);
        assert_eq!(believe(None), 200.0);
    }

    #[test]
    fn dots_are_counted_per_inch() {
        let png =
            [b"\x89PNG\r\n\x1a\n".as_slice(), b"\0\0\0\x09pHYs\0\0\x2e\x23\0\0\x2e\x23\x01crc!"].concat();
        let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x02\x01\x01\x2c\x01\x2c\0\0";

        assert!((of_png(&png).unwrap() - 300.0).abs() < 0.1);
        assert_eq!(of_jpeg(jpeg), Some(300.0));
        assert_eq!(of_jpeg(b"\xff\xd8\xff\xe0\0\0"), None);
        assert_eq!(of_tiff(Some(100.0), Some(3)), Some(254.0));
    }
}
