//! Where the ink of a line is.

use super::LINE_HEIGHT;

/// Rows at the top and bottom that may hold parts of the neighbouring lines.
const EDGE_ROWS: usize = 5;
/// Below this difference between paper and ink a line is taken for empty.
const MIN_CONTRAST: u8 = 40;
/// Ink is at least this share of the way from the paper to the darkest pixels.
const INK_SHARE: f32 = 0.4;
/// A column with fewer pixels of ink is empty: specks.
const MIN_PIXELS: u8 = 2;
/// A row with more ink than this is a rule or an underline, not letters.
const RULE_SHARE: f32 = 0.8;

/// Which columns of packed RGB rows hold ink; dark on light or light on dark.
pub(super) fn columns(pixels: &[u8], width: usize) -> Vec<bool> {
    let mut counts = vec![0_u8; width];
    let grey: Vec<u8> = pixels.chunks_exact(3).map(|pixel| pixel[1]).collect();
    let Some((paper, threshold)) = paper_and_threshold(&grey) else { return vec![false; width] };
    let rows = grey.chunks_exact(width.max(1)).enumerate();
    for (_, row) in rows.filter(|(y, _)| (EDGE_ROWS..LINE_HEIGHT as usize - EDGE_ROWS).contains(y)) {
        let is_ink = |value: u8| value.abs_diff(paper) >= threshold;
        let inked = row.iter().filter(|&&value| is_ink(value)).count();
        if inked as f32 > RULE_SHARE * width as f32 {
            continue;
        }
        for (count, &value) in counts.iter_mut().zip(row) {
            *count += u8::from(is_ink(value));
        }
    }
    counts.into_iter().map(|count| count >= MIN_PIXELS).collect()
}

/// The paper's value (most pixels of a line are paper) and how far from it ink begins.
fn paper_and_threshold(grey: &[u8]) -> Option<(u8, u8)> {
    let mut histogram = [0_usize; 256];
    for &value in grey {
        histogram[usize::from(value)] += 1;
    }
    let percentile = |share: f32| {
        let mut left = (grey.len() as f32 * share) as usize;
        let found = histogram.iter().position(|&count| {
            let here = left < count;
            left = left.saturating_sub(count);
            here
        });
        found.unwrap_or(255) as u8
    };
    let (dark, paper, light) = (percentile(0.02), percentile(0.5), percentile(0.98));
    let contrast = paper.abs_diff(dark).max(light.abs_diff(paper));
    (contrast >= MIN_CONTRAST).then_some((paper, (f32::from(contrast) * INK_SHARE) as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(paper: u8, ink: u8, paint: impl Fn(usize, usize) -> bool) -> Vec<u8> {
        (0..48 * 60).flat_map(|i| [if paint(i % 60, i / 60) { ink } else { paper }; 3]).collect()
    }

    fn inked(pixels: &[u8]) -> Vec<usize> {
        let columns = columns(pixels, 60);
        (0..60).filter(|&x| columns[x]).collect()
    }

    #[test]
    fn light_text_on_dark_paper_is_ink_too() {
        let bar = |x: usize, y: usize| (10..20).contains(&x) && (12..36).contains(&y);

        assert_eq!(inked(&line(255, 0, bar)), (10..20).collect::<Vec<_>>());
        assert_eq!(inked(&line(30, 220, bar)), (10..20).collect::<Vec<_>>());
    }

    #[test]
    fn underlines_neighbouring_lines_and_specks_are_no_ink() {
        let marks =
            |x: usize, y: usize| y == 38 || y < 3 || (x, y) == (50, 20) || (x < 5 && (10..40).contains(&y));

        assert_eq!(inked(&line(255, 0, marks)), (0..5).collect::<Vec<_>>());
    }

    #[test]
    fn paper_alone_has_no_ink() {
        assert!(inked(&line(255, 230, |x, _| x % 3 == 0)).is_empty());
        assert!(columns(&[], 0).is_empty());
    }
}
