//! Lines longer than the widest input of the network, in pieces.
//!
//! ```text
//!  ────── a line ──────────┬──────── that is ─────────┬── too long ──
//!                    widest gap in             widest gap in
//!                    the last quarter          the last quarter
//! ```
//!
//! Squeezed into one input its letters would merge. A piece ends in the widest gap of the projection profile near the
//! limit, so that no letter is cut where there is any gap at all.

use quire_proto::Quad;
use quire_raster::Raster;

use super::{LineImage, RecognizeParams, RecognizedLine, SpaceParams, line_image::rectify_up_to, spaces};

/// Widest inputs that a line takes at most; what is longer is squeezed.
const MOST: u32 = 4;

/// Share of the widest input at whose end the gap is searched.
const SEARCHED: f32 = 0.25;

/// Cuts the line inside `quad` out of `page`, from left to right in pieces where it is too long for one; nothing when
/// there is nothing inside.
pub fn pieces(page: &Raster, quad: &Quad, params: &RecognizeParams) -> Vec<LineImage> {
    let widest = params.largest();
    let Some(line) = rectify_up_to(widest.saturating_mul(MOST), page, quad, params) else {
        return Vec::new();
    };
    if line.width() <= widest {
        return vec![line];
    }
    let ink = line.ink_columns();
    let mut pieces = Vec::new();
    let (mut start, mut gap) = (0, None);
    while line.width() - start > widest {
        let (from, to) = gap_near_end(&ink, start, start + widest);
        let middle = from.midpoint(to);
        pieces.push(piece(&line, (start, middle), gap, params));
        (start, gap) = (middle, Some(to - from));
    }
    pieces.push(piece(&line, (start, line.width()), gap, params));
    pieces
}

fn piece(
    line: &LineImage,
    (start, end): (u32, u32),
    gap: Option<u32>,
    params: &RecognizeParams,
) -> LineImage {
    let piece = line.part(start, end).trimmed(params.margin);
    match gap {
        Some(gap) => piece.behind(gap),
        None => piece,
    }
}

/// The widest gap in the last part of the columns `start..end`; without width at their end where there is none.
fn gap_near_end(ink: &[bool], start: u32, end: u32) -> (u32, u32) {
    let from = end - ((end - start) as f32 * SEARCHED) as u32;
    let inside = |at: u32| ink.get(at as usize).copied().unwrap_or(true);
    let (mut best, mut at) = ((end, end), from);
    while at < end {
        let first = at;
        while at < end && !inside(at) {
            at += 1;
        }
        if at - first >= best.1 - best.0 && at > first {
            best = (first, at);
        }
        at += 1;
    }
    best
}

/// Whether a space stands between the texts of a piece and of `next`, which `image` shows.
pub fn meet_with_space(
    before: &RecognizedLine,
    next: &RecognizedLine,
    image: &LineImage,
    params: &SpaceParams,
) -> bool {
    let (Some(left), Some(right)) = (before.text.chars().next_back(), next.text.chars().next()) else {
        return false;
    };
    let gap = image.gap_before().unwrap_or(0) as f32;
    spaces::are_apart(left, right, gap, &params.squeezed(image.squeeze()))
}

#[cfg(test)]
mod tests {
    use quire_proto::Rect;

    use super::*;
    use crate::recognize::rectify;

    /// A line of natural size, 48 pixels high: a chequered bar for each word, by where it begins and ends.
    fn page(width: u32, words: &[(u32, u32)]) -> (Raster, Quad) {
        let mut pixels = vec![255; width as usize * 48 * 3];
        for &(from, to) in words {
            for (y, row) in pixels.chunks_exact_mut(width as usize * 3).enumerate().skip(12).take(24) {
                for x in (from as usize..to as usize).filter(|x| (x / 2 + y) % 2 == 0) {
                    row[x * 3..x * 3 + 3].fill(0);
                }
            }
        }
        (Raster::new(width, 48, pixels).unwrap(), Quad::from(Rect::new(0.0, 0.0, width as f32, 48.0)))
    }

    fn params() -> RecognizeParams {
        RecognizeParams { widths: vec![160, 320], squeeze: 1.0, ..RecognizeParams::default() }
    }

    #[test]
    fn a_line_that_fits_is_one_piece() {
        let (page, quad) = page(300, &[(10, 290)]);

        let pieces = pieces(&page, &quad, &params());

        assert_eq!(pieces, [rectify(&page, &quad, &params()).unwrap()]);
    }

    #[test]
    fn a_long_line_ends_in_the_widest_gap_near_the_limit() {
        let (page, quad) = page(700, &[(10, 120), (160, 290), (304, 310), (316, 560), (580, 690)]);

        let pieces = pieces(&page, &quad, &params());

        let gaps: Vec<_> = pieces.iter().map(LineImage::gap_before).collect();
        assert_eq!(gaps, [None, Some(14), Some(20)]);
        let bounds = pieces.iter().map(|piece| piece.quad().bounds());
        let ends: Vec<_> = bounds.map(|at| (at.x0.round(), at.x1.round())).collect();
        assert_eq!(ends, [(2.0, 297.0), (297.0, 568.0), (572.0, 698.0)]);
    }

    #[test]
    fn a_line_without_end_is_squeezed_into_a_few_pieces() {
        let (page, quad) = page(6000, &[(10, 5990)]);

        let pieces = pieces(&page, &quad, &params());

        assert!((4..=6).contains(&pieces.len()), "{}", pieces.len());
        assert!(pieces.iter().all(|piece| piece.width() <= 320));
    }

    #[test]
    fn pieces_meet_as_the_gap_and_the_scripts_say() {
        let (page, quad) = page(700, &[(10, 290), (310, 690)]);
        let pieces = pieces(&page, &quad, &params());
        let line = |text: &str| RecognizedLine { text: text.into(), ..RecognizedLine::default() };
        let meet =
            |left, right| meet_with_space(&line(left), &line(right), &pieces[1], &SpaceParams::default());

        assert!(meet("long", "line"));
        assert!(!meet("软件", "包"));
        assert!(meet("软件", "dpkg"));
        assert!(!meet("long", ""));
    }
}
