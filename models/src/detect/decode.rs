//! The map of text-ness into lines: threshold, components, rectangles, growth.

use quire_proto::{Point, Quad};

use super::{
    DetectParams, Frame, ProbMap,
    components::{Run, components},
    min_rect::TiltedRect,
};

/// Growth of the rectangle must leave it at least this much above `min_side`.
const GROWN_MARGIN: f32 = 2.0;
/// What certainty is in a map.
const LEVELS: f32 = 255.0;
/// Rectangles thinner than this on the page hold no text.
const MIN_PAGE_SIDE: f32 = 3.0;

/// A line of text on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetectedLine {
    /// Its corners in page pixels, clockwise from the page's top left (text that runs downwards is a tall box).
    pub quad: Quad,
    /// Mean text-ness inside, 0 to 1.
    pub score: f32,
}

/// Finds the lines of a map, in the order of their topmost pixels.
pub fn decode(map: &ProbMap, params: &DetectParams) -> Vec<DetectedLine> {
    if map.width == 0 || map.values.len() != map.width * map.height {
        return Vec::new();
    }
    let mut found = components(&dilated(map, params.threshold), map.width);
    if found.len() > params.max_lines {
        found.sort_by_key(|runs| std::cmp::Reverse(pixels(runs)));
        found.truncate(params.max_lines);
    }
    found.iter().filter_map(|runs| line(runs, map, params)).collect()
}

fn line(runs: &[Run], map: &ProbMap, params: &DetectParams) -> Option<DetectedLine> {
    let core = TiltedRect::around(&outline(runs))?;
    if core.short_side() < params.min_side {
        return None;
    }
    let score = mean_inside(&core.quad(), map);
    if score < params.box_threshold {
        return None;
    }
    let grown = core.grown(core.area() * params.unclip_ratio / core.perimeter());
    if grown.short_side() < params.min_side + GROWN_MARGIN {
        return None;
    }
    let quad = on_page(&grown.quad(), &map.frame);
    (quad.width() > MIN_PAGE_SIDE && quad.height() > MIN_PAGE_SIDE).then_some(DetectedLine { quad, score })
}

/// What is text, grown by one pixel to the right and down: it closes hairline gaps inside a line.
fn dilated(map: &ProbMap, threshold: f32) -> Vec<bool> {
    let threshold = (threshold * LEVELS) as u8;
    let mut mask: Vec<bool> = map.values.iter().map(|&level| level > threshold).collect();
    for row in mask.chunks_exact_mut(map.width) {
        let mut before = false;
        for set in row {
            let here = *set;
            *set |= before;
            before = here;
        }
    }
    for at in (map.width..mask.len()).rev() {
        mask[at] |= mask[at - map.width];
    }
    mask
}

fn pixels(runs: &[Run]) -> u32 {
    runs.iter().map(|run| run.end - run.start).sum()
}

/// First and last pixel of every row.
fn outline(runs: &[Run]) -> Vec<Point> {
    let mut points = Vec::with_capacity(2 * runs.len());
    for row in runs.chunk_by(|a, b| a.y == b.y) {
        let (Some(first), Some(last)) = (row.first(), row.last()) else { continue };
        points.push(Point::new(first.start as f32, first.y as f32));
        points.push(Point::new(last.end as f32 - 1.0, last.y as f32));
    }
    points
}

/// Mean of the map inside `quad`, a convex shape in map pixels; pixels that its edge touches count.
fn mean_inside(quad: &Quad, map: &ProbMap) -> f32 {
    let (right_most, bottom_most) = ((map.width - 1) as f32, (map.height - 1) as f32);
    let corners = quad.0.map(|corner| {
        Point::new(corner.x.clamp(0.0, right_most).trunc(), corner.y.clamp(0.0, bottom_most).trunc())
    });
    let bounds = Quad(corners).bounds();
    let (mut sum, mut count) = (0_u64, 0_usize);
    for y in bounds.y0 as usize..=bounds.y1 as usize {
        let Some((left, right)) = span_at(&corners, y as f32) else { continue };
        let row = &map.values[y * map.width..][left.round() as usize..=right.round() as usize];
        sum += row.iter().map(|&level| u64::from(level)).sum::<u64>();
        count += row.len();
    }
    if count > 0 { sum as f32 / count as f32 / LEVELS } else { 0.0 }
}

/// From where to where the edges of a convex shape touch the pixels of row `y`.
fn span_at(corners: &[Point; 4], y: f32) -> Option<(f32, f32)> {
    let mut span: Option<(f32, f32)> = None;
    for (from, to) in (0..4).map(|i| (corners[i], corners[(i + 1) % 4])) {
        let (low, high) = (from.y.min(to.y).max(y - 0.5), from.y.max(to.y).min(y + 0.5));
        if low > high {
            continue;
        }
        let level = from.y == to.y;
        let x_at = |y: f32| from.x + (to.x - from.x) * (y - from.y) / (to.y - from.y);
        for x in if level { [from.x, to.x] } else { [x_at(low), x_at(high)] } {
            span = Some(span.map_or((x, x), |(left, right)| (left.min(x), right.max(x))));
        }
    }
    span
}

/// Map pixels into page pixels, held inside the page.
fn on_page(quad: &Quad, frame: &Frame) -> Quad {
    let (width, height) = (frame.page.0 as f32, frame.page.1 as f32);
    let (x_scale, y_scale) = (width / frame.scaled.0.max(1) as f32, height / frame.scaled.1.max(1) as f32);
    Quad(quad.0.map(|point| {
        Point::new((point.x * x_scale).clamp(0.0, width), (point.y * y_scale).clamp(0.0, height))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map_with(bars: &[(usize, usize, usize, usize)], value: f32) -> ProbMap {
        let (width, height) = (256, 128);
        let mut values = vec![0; width * height];
        for &(x0, y0, x1, y1) in bars {
            for y in y0..y1 {
                values[y * width + x0..y * width + x1].fill((value * LEVELS) as u8);
            }
        }
        ProbMap { width, height, values, frame: Frame { page: (512, 256), scaled: (256, 128) } }
    }

    #[test]
    fn a_bar_becomes_a_line_grown_on_all_sides_in_page_pixels() {
        let map = map_with(&[(40, 30, 200, 40)], 0.9);

        let lines = decode(&map, &DetectParams::default());

        // Core 160 x 10 after dilation, distance 160 * 10 * 1.6 / 340 = 7.5 map pixels, doubled on the page.
        assert_eq!(lines.len(), 1);
        let bounds = lines[0].quad.bounds();
        let expected = [64.9, 44.9, 415.1, 95.1];
        for (edge, expected) in <[f32; 4]>::from(bounds).into_iter().zip(expected) {
            assert!((edge - expected).abs() < 1.0, "{bounds:?}");
        }
        assert!(lines[0].score > 0.75);
    }

    #[test]
    fn faint_and_tiny_marks_are_no_lines() {
        assert!(decode(&map_with(&[(40, 30, 200, 40)], 0.4), &DetectParams::default()).is_empty());
        assert!(decode(&map_with(&[(40, 30, 42, 32)], 0.9), &DetectParams::default()).is_empty());
        assert!(decode(&map_with(&[], 0.0), &DetectParams::default()).is_empty());
    }

    #[test]
    fn lines_never_leave_the_page() {
        let map = map_with(&[(0, 0, 256, 10), (0, 118, 256, 128)], 1.0);

        let lines = decode(&map, &DetectParams::default());

        assert_eq!(lines.len(), 2);
        for line in lines {
            assert_eq!(line.quad.bounds().clamped(512.0, 256.0), line.quad.bounds());
        }
    }

    #[test]
    fn a_map_of_the_wrong_size_has_no_lines() {
        let map = ProbMap { values: vec![255; 7], ..map_with(&[], 0.0) };

        assert!(decode(&map, &DetectParams::default()).is_empty());
    }
}
