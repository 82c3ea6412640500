//! How an image lies on another: turned and shifted, never scaled.

use crate::geometry::{Point, Quad, Rect, Rotation};

/// A turn and a shift: `(x, y)` lands at `(cos · x − sin · y + dx, sin · x + cos · y + dy)`, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    cos: f32,
    sin: f32,
    dx: f32,
    dy: f32,
}

impl Motion {
    /// Everything stays where it is.
    pub const NONE: Self = Self { cos: 1.0, sin: 0.0, dx: 0.0, dy: 0.0 };

    /// Everything moves right by `dx` and down by `dy`.
    pub const fn shift(dx: f32, dy: f32) -> Self {
        Self { dx, dy, ..Self::NONE }
    }

    /// Where the points of a `width` × `height` image land when it is turned clockwise by `rotation`.
    pub fn turn(rotation: Rotation, width: f32, height: f32) -> Self {
        let (cos, sin, dx, dy) = match rotation {
            Rotation::None => return Self::NONE,
            Rotation::Quarter => (0.0, 1.0, height, 0.0),
            Rotation::Half => (-1.0, 0.0, width, height),
            Rotation::ThreeQuarters => (0.0, -1.0, 0.0, width),
        };
        Self { cos, sin, dx, dy }
    }

    /// A clockwise turn by `degrees` that brings the point `from` to the point `to`.
    pub fn tilt(degrees: f32, from: Point, to: Point) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (dx, dy) = (to.x - cos * from.x + sin * from.y, to.y - sin * from.x - cos * from.y);
        Self { cos, sin, dx, dy }
    }

    /// This motion, and after it `next`.
    #[must_use]
    pub fn then(&self, next: &Self) -> Self {
        let moved = next.point(Point::new(self.dx, self.dy));
        Self {
            cos: next.cos * self.cos - next.sin * self.sin,
            sin: next.sin * self.cos + next.cos * self.sin,
            dx: moved.x,
            dy: moved.y,
        }
    }

    /// The motion that undoes this one.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let Self { cos, sin, dx, dy } = *self;
        Self { cos, sin: -sin, dx: -cos * dx - sin * dy, dy: sin * dx - cos * dy }
    }

    /// Where `point` lands.
    pub fn point(&self, point: Point) -> Point {
        let Self { cos, sin, dx, dy } = *self;
        Point::new(cos * point.x - sin * point.y + dx, sin * point.x + cos * point.y + dy)
    }

    /// Where the corners of `quad` land.
    pub fn quad(&self, quad: &Quad) -> Quad {
        Quad(quad.0.map(|corner| self.point(corner)))
    }

    /// An upright rectangle of the size of `rect`, with its middle where that of `rect` lands.
    pub fn carried(&self, rect: &Rect) -> Rect {
        let (from, to) = (rect.center(), self.point(rect.center()));
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        Rect { x0: rect.x0 + dx, y0: rect.y0 + dy, x1: rect.x1 + dx, y1: rect.y1 + dy }
    }

    /// The upright rectangle around where `rect` lands.
    pub fn rect(&self, rect: &Rect) -> Rect {
        self.quad(&Quad::from(*rect)).bounds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_moves_boxes_as_the_rotation_does() {
        let rect = Rect::new(10.0, 20.0, 50.0, 30.0);

        for rotation in Rotation::ALL {
            let turn = Motion::turn(rotation, 300.0, 200.0);

            assert_eq!(turn.rect(&rect), rotation.apply_rect(rect, 300.0, 200.0), "{rotation:?}");
            assert_eq!(turn.then(&turn.inverse()), Motion::NONE, "{rotation:?}");
        }
    }

    #[test]
    fn one_motion_after_the_other_is_a_motion() {
        let tilt = Motion::tilt(3.0, Point::new(100.0, 50.0), Point::new(110.0, 60.0));
        let turn = Motion::turn(Rotation::Quarter, 220.0, 120.0);
        let point = Point::new(17.0, 90.0);

        let both = tilt.then(&turn);

        assert!(both.point(point).distance(turn.point(tilt.point(point))) < 1e-3);
        assert!(both.inverse().point(both.point(point)).distance(point) < 1e-3);
        assert!(tilt.point(Point::new(100.0, 50.0)).distance(Point::new(110.0, 60.0)) < 1e-3);
    }

    #[test]
    fn a_tilt_lowers_what_lies_to_the_right() {
        let about = Point::new(100.0, 50.0);

        let right = Motion::tilt(1.0, about, about).point(Point::new(200.0, 50.0));

        assert!((right.y - 50.0 - 100.0 * 1_f32.to_radians().sin()).abs() < 1e-3, "{right:?}");
        let carried = Motion::tilt(1.0, about, about).carried(&Rect::new(190.0, 40.0, 210.0, 60.0));
        assert!(
            carried.center().distance(right) < 1e-3 && (carried.width() - 20.0).abs() < 1e-3,
            "{carried:?}"
        );
    }
}
