//! Ruling lines: what is straight, thin, and horizontal or vertical on the page image.

use quire_proto::Rect;

use super::{
    pdfium::{Object, Segment},
    transform::Affine,
};

/// What makes a stroke or a filled box a ruling. Lengths are pixels of the page image times [`Self::per_pixel`].
struct RulingParams {
    /// Thickest ruling, in points of the page at 1:1; thicker ones are areas.
    max_thickness: f64,
    /// A ruling is at least so many times as long as it is thick.
    min_aspect: f64,
    /// Pixels by which the two ends of a level line may differ.
    max_skew: f64,
    /// Parts of one path looked at; a path with more is a drawing.
    max_segments: i32,
}

const PARAMS: RulingParams =
    RulingParams { max_thickness: 4.0, min_aspect: 3.0, max_skew: 1.0, max_segments: 4_000 };

/// What a path comes down to.
pub(super) enum Drawn {
    /// It does not show.
    Nothing,
    /// Rulings, all of it.
    Rulings(Vec<Rect>),
    /// Something else.
    Graphics,
}

/// Thickest ruling in pixels on a page that `page` maps to its image.
pub(super) fn thickest(page: &Affine) -> f64 {
    PARAMS.max_thickness * page.scale().max(1.0)
}

/// The rulings of a path, placed by `map`; boxes thicker than `thickest` pixels are none.
pub(super) fn of_path(path: &Object<'_>, map: &Affine, thickest: f64) -> Drawn {
    let (filled, stroked) = path.draw_mode();
    let (filled, stroked) = (filled && path.fill_shows(), stroked && path.stroke_shows());
    if !filled && !stroked {
        return Drawn::Nothing;
    }
    let map = path.matrix().then(map);
    let Some(outlines) = outlines(path, &map) else { return Drawn::Graphics };
    let mut rulings = Vec::new();
    for outline in &outlines {
        let found = if stroked {
            let width = (path.stroke_width() * map.scale()).max(1.0);
            outline.strokes(width, &mut rulings)
        } else {
            outline.thin_box(thickest, &mut rulings)
        };
        if !found {
            return Drawn::Graphics;
        }
    }
    Drawn::Rulings(rulings)
}

/// Points of one stretch of a path without lifting the pen, in pixels.
#[derive(Default)]
struct Outline {
    points: Vec<(f64, f64)>,
    closed: bool,
}

/// The outlines of a path; `None` when it has curves or too many parts.
fn outlines(path: &Object<'_>, map: &Affine) -> Option<Vec<Outline>> {
    let count = path.segment_count();
    if count > PARAMS.max_segments {
        return None;
    }
    let mut outlines: Vec<Outline> = Vec::new();
    for index in 0..count {
        let (segment, closes) = path.segment(index)?;
        match segment {
            Segment::Curve => return None,
            Segment::Move(x, y) => {
                outlines.push(Outline { points: vec![map.apply(x, y)], closed: false });
            }
            Segment::Line(x, y) => outlines.last_mut()?.points.push(map.apply(x, y)),
        }
        if closes {
            outlines.last_mut()?.closed = true;
        }
    }
    Some(outlines)
}

impl Outline {
    /// Adds each edge as a ruling of this width; false when one is not level.
    fn strokes(&self, width: f64, rulings: &mut Vec<Rect>) -> bool {
        let ends = self.points.iter().skip(1);
        let closing = self.points.last().zip(self.points.first()).filter(|_| self.closed);
        self.points.iter().zip(ends).chain(closing).all(|(from, to)| {
            let (dx, dy) = ((from.0 - to.0).abs(), (from.1 - to.1).abs());
            // Edges of no length close a path that is closed already.
            if dx.max(dy) < 0.01 {
                return true;
            }
            if dx.min(dy) > PARAMS.max_skew {
                return false;
            }
            let bounds = bounds([*from, *to].iter());
            let (grow_x, grow_y) = if dx >= dy { (0.0, width / 2.0) } else { (width / 2.0, 0.0) };
            rulings.push(rect([
                bounds[0] - grow_x,
                bounds[1] - grow_y,
                bounds[2] + grow_x,
                bounds[3] + grow_y,
            ]));
            true
        })
    }

    /// Adds a filled box that is as thin as a ruling; false when it is anything else.
    fn thin_box(&self, max_thickness: f64, rulings: &mut Vec<Rect>) -> bool {
        if self.points.len() < 2 {
            return true;
        }
        let bounds = bounds(self.points.iter());
        let (width, height) = (bounds[2] - bounds[0], bounds[3] - bounds[1]);
        let (long, thin) = (width.max(height), width.min(height));
        let upright = self.points.windows(2).all(|pair| {
            let (dx, dy) = ((pair[0].0 - pair[1].0).abs(), (pair[0].1 - pair[1].1).abs());
            dx.min(dy) <= PARAMS.max_skew
        });
        let ruling = upright && thin <= max_thickness && long >= thin * PARAMS.min_aspect;
        if ruling {
            // A hairline has no thickness of its own; what is drawn has at least a pixel.
            let (grow_x, grow_y) = (((1.0 - width) / 2.0).max(0.0), ((1.0 - height) / 2.0).max(0.0));
            let [x0, y0, x1, y1] = bounds;
            rulings.push(rect([x0 - grow_x, y0 - grow_y, x1 + grow_x, y1 + grow_y]));
        }
        ruling
    }
}

fn bounds<'a>(points: impl Iterator<Item = &'a (f64, f64)>) -> [f64; 4] {
    points.fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |all, (x, y)| {
        [all[0].min(*x), all[1].min(*y), all[2].max(*x), all[3].max(*y)]
    })
}

fn rect(edges: [f64; 4]) -> Rect {
    let [x0, y0, x1, y1] = edges.map(|edge| edge as f32);
    Rect { x0, y0, x1, y1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stroked_frame_is_four_rulings() {
        let points = vec![(10.0, 10.0), (110.0, 10.0), (110.0, 60.0), (10.0, 60.0)];
        let frame = Outline { points, closed: true };
        let mut rulings = Vec::new();

        let level = frame.strokes(2.0, &mut rulings);

        assert!(level);
        assert_eq!(rulings.len(), 4);
        assert_eq!(rulings[0], Rect::new(10.0, 9.0, 110.0, 11.0));
    }

    #[test]
    fn a_slanted_edge_is_no_ruling() {
        let slanted = Outline { points: vec![(0.0, 0.0), (100.0, 40.0)], closed: false };

        assert!(!slanted.strokes(1.0, &mut Vec::new()));
        assert!(!slanted.thin_box(10.0, &mut Vec::new()));
    }

    #[test]
    fn a_thin_filled_box_is_a_ruling_and_a_thick_one_is_not() {
        let filled = |height: f64| Outline {
            points: vec![(0.0, 0.0), (100.0, 0.0), (100.0, height), (0.0, height)],
            closed: true,
        };

        assert!(filled(3.0).thin_box(5.0, &mut Vec::new()));
        assert!(!filled(30.0).thin_box(5.0, &mut Vec::new()));
    }
}
