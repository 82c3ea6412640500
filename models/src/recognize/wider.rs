//! Crowded lines: their letters stand closer than the network can tell apart.
//!
//! A CTC network says one character per column, and a double letter needs a column between its two (Graves et al.,
//! "Connectionist temporal classification", 2006). Stretched, the same line has columns enough.

use quire_raster::Raster;

use super::{COLUMN_WIDTH, LineImage, RecognizeParams, RecognizedLine, line_image::rectify_up_to};

/// Whether `line`, which was read in `image`, has too few columns for its characters.
pub fn is_crowded(line: &RecognizedLine, image: &LineImage, params: &RecognizeParams) -> bool {
    let columns = image.width() as f32 / COLUMN_WIDTH as f32;
    let characters = line.text.chars().count() as f32;
    characters > 1.0 && columns < params.crowded * characters
}

/// The same part of `page` as `image`, [`RecognizeParams::widened`] times as wide, or as wide as the network takes.
///
/// `None` when it is as wide as that already.
pub fn wider(page: &Raster, image: &LineImage, params: &RecognizeParams) -> Option<LineImage> {
    let wide = RecognizeParams { squeeze: params.squeeze * params.widened, ..params.clone() };
    let line = rectify_up_to(params.largest(), page, &image.quad(), &wide)?;
    let gap = image.gap_before().map(|gap| (gap as f32 * params.widened) as u32);
    let line = match gap {
        Some(gap) => line.behind(gap),
        None => line,
    };
    (line.width() > image.width()).then_some(line)
}

#[cfg(test)]
mod tests {
    use quire_proto::{Quad, Rect};

    use super::*;
    use crate::recognize::rectify;

    fn params(widest: u32) -> RecognizeParams {
        RecognizeParams { widths: vec![widest], squeeze: 1.0, ..RecognizeParams::default() }
    }

    /// A dark bar on a line of 48 pixels.
    fn line() -> (Raster, LineImage) {
        let mut pixels = vec![255; 200 * 48 * 3];
        for (y, row) in pixels.chunks_exact_mut(200 * 3).enumerate().skip(12).take(24) {
            for x in (50..150).filter(|x| (x / 2 + y) % 2 == 0) {
                row[x * 3..x * 3 + 3].fill(0);
            }
        }
        let page = Raster::new(200, 48, pixels).unwrap();
        let quad = Quad::from(Rect::new(0.0, 0.0, 200.0, 48.0));
        let image = rectify(&page, &quad, &params(400)).unwrap();
        (page, image)
    }

    #[test]
    fn lines_with_less_than_two_columns_per_character_are_crowded() {
        let (_, image) = line();
        let read = |text: &str| RecognizedLine { text: text.into(), ..RecognizedLine::default() };

        // 116 pixels are fourteen columns and a half.
        assert!(!is_crowded(&read("schools"), &image, &params(400)));
        assert!(is_crowded(&read("schooling"), &image, &params(400)));
        assert!(!is_crowded(&read(""), &image, &params(400)));
    }

    #[test]
    fn a_wider_line_shows_the_same_part_of_the_page() {
        let (page, image) = line();

        let wide = wider(&page, &image, &params(400)).unwrap();

        let ink = |image: &LineImage| image.ink_columns().iter().filter(|ink| **ink).count();
        assert!(ink(&wide).abs_diff(2 * ink(&image)) <= 4, "{} of {}", ink(&wide), ink(&image));
        let (narrow, wide) = (image.quad().bounds(), wide.quad().bounds());
        assert!(
            (narrow.x0 - wide.x0).abs() < 6.0 && (narrow.x1 - wide.x1).abs() < 6.0,
            "{narrow:?} {wide:?}"
        );
    }

    #[test]
    fn what_the_network_takes_no_wider_stays() {
        let (page, image) = line();

        assert_eq!(wider(&page, &image, &params(100)), None);
        assert_eq!(wider(&page, &image.clone().behind(7), &params(400)).unwrap().gap_before(), Some(14));
    }
}
