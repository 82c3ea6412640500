//! The smallest rectangle, at any angle, around points.

use quire_proto::{Point, Quad};

/// A rectangle at an angle: its middle, a unit vector along the text, and half its sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TiltedRect {
    center: Point,
    /// Points to the right, never more than 45° up or down.
    along: Point,
    half_width: f32,
    half_height: f32,
}

impl TiltedRect {
    /// The smallest rectangle around `points`, which are sorted by y; `None` when there are none.
    pub(super) fn around(points: &[Point]) -> Option<Self> {
        let hull = convex_hull(points);
        let edges = (0..hull.len()).map(|i| (hull[i], hull[(i + 1) % hull.len()]));
        // A hull of one point or a line has no edge with an area; the level rectangle is as good as any.
        let directions = edges.filter_map(|(from, to)| direction(from, to)).chain([Point::new(1.0, 0.0)]);
        directions.filter_map(|along| Self::along(&hull, along)).min_by(|a, b| a.area().total_cmp(&b.area()))
    }

    fn along(hull: &[Point], along: Point) -> Option<Self> {
        let across = Point::new(-along.y, along.x);
        let (left, right) = extent(hull, along)?;
        let (top, bottom) = extent(hull, across)?;
        let (u, v) = ((left + right) / 2.0, (top + bottom) / 2.0);
        Some(Self {
            center: Point::new(along.x * u + across.x * v, along.y * u + across.y * v),
            along,
            half_width: (right - left) / 2.0,
            half_height: (bottom - top) / 2.0,
        })
    }

    /// Area in square pixels.
    pub(super) fn area(&self) -> f32 {
        4.0 * self.half_width * self.half_height
    }

    /// Length around.
    pub(super) fn perimeter(&self) -> f32 {
        4.0 * (self.half_width + self.half_height)
    }

    /// The shorter side.
    pub(super) fn short_side(&self) -> f32 {
        2.0 * self.half_width.min(self.half_height)
    }

    /// The rectangle with every side moved out by `distance`.
    #[must_use]
    pub(super) fn grown(&self, distance: f32) -> Self {
        Self { half_width: self.half_width + distance, half_height: self.half_height + distance, ..*self }
    }

    /// Its corners, clockwise from the top left.
    pub(super) fn quad(&self) -> Quad {
        let (along, across) = (self.along, Point::new(-self.along.y, self.along.x));
        let corner = |u: f32, v: f32| {
            let (u, v) = (u * self.half_width, v * self.half_height);
            Point::new(self.center.x + along.x * u + across.x * v, self.center.y + along.y * u + across.y * v)
        };
        Quad([corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)])
    }
}

/// The direction of an edge, turned by quarter turns until it points to the right.
fn direction(from: Point, to: Point) -> Option<Point> {
    let length = from.distance(to);
    if length <= 0.0 {
        return None;
    }
    let (x, y) = ((to.x - from.x) / length, (to.y - from.y) / length);
    Some(match (x.abs() >= y.abs(), x > 0.0, y > 0.0) {
        (true, true, _) => Point::new(x, y),
        (true, false, _) => Point::new(-x, -y),
        (false, _, true) => Point::new(y, -x),
        (false, _, false) => Point::new(-y, x),
    })
}

fn extent(points: &[Point], axis: Point) -> Option<(f32, f32)> {
    points
        .iter()
        .map(|point| point.x * axis.x + point.y * axis.y)
        .map(|value| (value, value))
        .reduce(|(low, high), (value, _)| (low.min(value), high.max(value)))
}

/// The corners of the smallest convex shape around points sorted by y.
fn convex_hull(points: &[Point]) -> Vec<Point> {
    let mut hull = half_hull(points.iter().copied());
    let other_side = half_hull(points.iter().rev().copied());
    hull.pop();
    hull.extend(other_side);
    if hull.len() > 1 {
        hull.pop();
    }
    hull
}

fn half_hull(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut chain: Vec<Point> = Vec::new();
    for point in points {
        while let [.., before, last] = chain[..]
            && turn(before, last, point) <= 0.0
        {
            chain.pop();
        }
        chain.push(point);
    }
    chain
}

/// Positive when the way over `b` turns towards the side that the hull keeps.
fn turn(a: Point, b: Point, c: Point) -> f32 {
    (b.y - a.y) * (c.x - a.x) - (b.x - a.x) * (c.y - a.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut points: Vec<Point>) -> Vec<Point> {
        points.sort_by(|a, b| a.y.total_cmp(&b.y).then(a.x.total_cmp(&b.x)));
        points
    }

    #[test]
    fn a_tilted_bar_gets_its_own_rectangle() {
        let (sin, cos) = 10_f32.to_radians().sin_cos();
        let bar = [(0.0, 0.0), (100.0, 0.0), (100.0, 10.0), (0.0, 10.0), (50.0, 5.0)]
            .map(|(u, v): (f32, f32)| Point::new(u * cos - v * sin, u * sin + v * cos));

        let rect = TiltedRect::around(&sorted(bar.to_vec())).unwrap();

        assert!((rect.area() - 1000.0).abs() < 0.5, "{rect:?}");
        assert!((rect.short_side() - 10.0).abs() < 0.01);
        for (corner, expected) in rect.quad().0.iter().zip(bar) {
            assert!(corner.distance(expected) < 0.01, "{corner:?} {expected:?}");
        }
    }

    #[test]
    fn a_slightly_tilted_tall_bar_keeps_its_top_left_corner() {
        let (sin, cos) = 3_f32.to_radians().sin_cos();
        let bar = [(0.0, 0.0), (20.0, 0.0), (20.0, 800.0), (0.0, 800.0)]
            .map(|(u, v): (f32, f32)| Point::new(u * cos - v * sin, u * sin + v * cos));

        let quad = TiltedRect::around(&sorted(bar.to_vec())).unwrap().quad();

        assert!(quad.0[0].distance(bar[0]) < 0.1, "{quad:?}");
    }

    #[test]
    fn points_without_an_area_are_flat() {
        let line: Vec<_> = (0..5).map(|i| Point::new(i as f32, i as f32)).collect();

        assert!(TiltedRect::around(&line).unwrap().short_side() < 1e-3);
        assert_eq!(TiltedRect::around(&line[..1]).unwrap().area(), 0.0);
        assert!(TiltedRect::around(&[]).is_none());
    }
}
