//! Points, rectangles and quadrilaterals in page pixels.
//!
//! The origin is the top left corner of the page as a viewer shows it, x grows
//! to the right and y downwards. Unless a type says otherwise the unit is the
//! pixel of the page image.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A point in page pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Pixels from the left edge.
    pub x: f32,
    /// Pixels from the top edge.
    pub y: f32,
}

impl Point {
    /// A point at `x`, `y`.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// Euclidean distance to `other`.
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// An upright rectangle; serialised as `[x0, y0, x1, y1]`, rounded to a tenth of a pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "[f32; 4]", into = "[f32; 4]")]
#[schemars(with = "[f32; 4]")]
pub struct Rect {
    /// Left edge.
    pub x0: f32,
    /// Top edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Bottom edge.
    pub y1: f32,
}

impl Rect {
    /// A rectangle from its edges, in whichever order they come.
    pub fn new(x0: f32, y0: f32, x1: f32, y1: f32) -> Self {
        Self { x0: x0.min(x1), y0: y0.min(y1), x1: x0.max(x1), y1: y0.max(y1) }
    }

    /// Width, never negative.
    pub fn width(&self) -> f32 {
        (self.x1 - self.x0).max(0.0)
    }

    /// Height, never negative.
    pub fn height(&self) -> f32 {
        (self.y1 - self.y0).max(0.0)
    }

    /// Area in square pixels.
    pub fn area(&self) -> f32 {
        self.width() * self.height()
    }

    /// The middle.
    pub fn center(&self) -> Point {
        Point::new((self.x0 + self.x1) / 2.0, (self.y0 + self.y1) / 2.0)
    }

    /// Whether `point` lies inside, left and top edge included.
    pub fn contains(&self, point: Point) -> bool {
        point.x >= self.x0 && point.x < self.x1 && point.y >= self.y0 && point.y < self.y1
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    /// The smallest rectangle around all of `rects`; `None` when there are none.
    pub fn around<'a>(rects: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        rects.into_iter().copied().reduce(|all, rect| all.union(&rect))
    }

    /// Area shared with `other`.
    pub fn overlap(&self, other: &Self) -> f32 {
        self.overlap_x(other) * self.overlap_y(other)
    }

    /// Length of the shared horizontal extent.
    pub fn overlap_x(&self, other: &Self) -> f32 {
        (self.x1.min(other.x1) - self.x0.max(other.x0)).max(0.0)
    }

    /// Length of the shared vertical extent.
    pub fn overlap_y(&self, other: &Self) -> f32 {
        (self.y1.min(other.y1) - self.y0.max(other.y0)).max(0.0)
    }

    /// Share of this rectangle's area that lies inside `other`, 0 to 1.
    pub fn share_inside(&self, other: &Self) -> f32 {
        if self.area() > 0.0 { self.overlap(other) / self.area() } else { 0.0 }
    }

    /// Intersection over union, 0 to 1.
    pub fn iou(&self, other: &Self) -> f32 {
        let shared = self.overlap(other);
        let union = self.area() + other.area() - shared;
        if union > 0.0 { shared / union } else { 0.0 }
    }

    /// The rectangle with every edge multiplied by `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        Self { x0: self.x0 * factor, y0: self.y0 * factor, x1: self.x1 * factor, y1: self.y1 * factor }
    }

    /// The rectangle grown by `margin` on every side (shrunk when negative).
    #[must_use]
    pub fn grown(&self, margin: f32) -> Self {
        Self::new(self.x0 - margin, self.y0 - margin, self.x1 + margin, self.y1 + margin)
    }

    /// The part inside a page of `width` × `height` pixels.
    #[must_use]
    pub fn clamped(&self, width: f32, height: f32) -> Self {
        Self {
            x0: self.x0.clamp(0.0, width),
            y0: self.y0.clamp(0.0, height),
            x1: self.x1.clamp(0.0, width),
            y1: self.y1.clamp(0.0, height),
        }
    }
}

impl From<[f32; 4]> for Rect {
    fn from([x0, y0, x1, y1]: [f32; 4]) -> Self {
        Self::new(x0, y0, x1, y1)
    }
}

impl From<Rect> for [f32; 4] {
    fn from(rect: Rect) -> Self {
        [rect.x0, rect.y0, rect.x1, rect.y1].map(|edge| (edge * 10.0).round() / 10.0)
    }
}

/// Four corners, clockwise from the text's own top left.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quad(pub [Point; 4]);

impl Quad {
    /// Length of the longer of the two edges along the text.
    pub fn width(&self) -> f32 {
        let [a, b, c, d] = self.0;
        a.distance(b).max(d.distance(c))
    }

    /// Length of the longer of the two edges across the text.
    pub fn height(&self) -> f32 {
        let [a, b, c, d] = self.0;
        a.distance(d).max(b.distance(c))
    }

    /// The upright rectangle around the corners.
    pub fn bounds(&self) -> Rect {
        let [a, b, c, d] = self.0;
        Rect {
            x0: a.x.min(b.x).min(c.x).min(d.x),
            y0: a.y.min(b.y).min(c.y).min(d.y),
            x1: a.x.max(b.x).max(c.x).max(d.x),
            y1: a.y.max(b.y).max(c.y).max(d.y),
        }
    }

    /// The same corners multiplied by `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        Self(self.0.map(|p| Point::new(p.x * factor, p.y * factor)))
    }

    /// The point at `along` (0 left, 1 right) and `across` (0 top, 1 bottom), by bilinear interpolation.
    pub fn at(&self, along: f32, across: f32) -> Point {
        let [a, b, c, d] = self.0;
        let mix = |p: f32, q: f32, t: f32| p + (q - p) * t;
        let top = Point::new(mix(a.x, b.x, along), mix(a.y, b.y, along));
        let bottom = Point::new(mix(d.x, c.x, along), mix(d.y, c.y, along));
        Point::new(mix(top.x, bottom.x, across), mix(top.y, bottom.y, across))
    }
}

impl From<Rect> for Quad {
    fn from(r: Rect) -> Self {
        Self([Point::new(r.x0, r.y0), Point::new(r.x1, r.y0), Point::new(r.x1, r.y1), Point::new(r.x0, r.y1)])
    }
}

/// A turn by a multiple of 90°, clockwise; serialised as its degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u16", into = "u16")]
#[schemars(with = "u16")]
pub enum Rotation {
    /// Upright.
    #[default]
    None,
    /// A quarter turn clockwise.
    Quarter,
    /// Upside down.
    Half,
    /// A quarter turn counter-clockwise.
    ThreeQuarters,
}

impl Rotation {
    /// All four, from 0° to 270°.
    pub const ALL: [Self; 4] = [Self::None, Self::Quarter, Self::Half, Self::ThreeQuarters];

    /// Clockwise degrees: 0, 90, 180 or 270.
    pub const fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarters => 270,
        }
    }

    /// The turn that undoes this one.
    #[must_use]
    pub const fn inverse(self) -> Self {
        match self {
            Self::None => Self::None,
            Self::Quarter => Self::ThreeQuarters,
            Self::Half => Self::Half,
            Self::ThreeQuarters => Self::Quarter,
        }
    }

    /// Where `point` of a `width` × `height` image lands when the image is turned clockwise by `self`.
    pub fn apply(self, point: Point, width: f32, height: f32) -> Point {
        match self {
            Self::None => point,
            Self::Quarter => Point::new(height - point.y, point.x),
            Self::Half => Point::new(width - point.x, height - point.y),
            Self::ThreeQuarters => Point::new(point.y, width - point.x),
        }
    }

    /// Where `rect` of a `width` × `height` image lands when the image is turned clockwise by `self`.
    pub fn apply_rect(self, rect: Rect, width: f32, height: f32) -> Rect {
        let a = self.apply(Point::new(rect.x0, rect.y0), width, height);
        let b = self.apply(Point::new(rect.x1, rect.y1), width, height);
        Rect::new(a.x, a.y, b.x, b.y)
    }
}

impl From<Rotation> for u16 {
    fn from(rotation: Rotation) -> Self {
        rotation.degrees()
    }
}

impl TryFrom<u16> for Rotation {
    type Error = String;

    fn try_from(degrees: u16) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|rotation| rotation.degrees() == degrees)
            .ok_or_else(|| format!("{degrees} is not 0, 90, 180 or 270"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turning_and_turning_back_is_the_identity() {
        let (width, height) = (300.0, 200.0);
        let rect = Rect::new(10.0, 20.0, 50.0, 30.0);

        for rotation in Rotation::ALL {
            let turned = rotation.apply_rect(rect, width, height);
            let (w, h) = if rotation.degrees() % 180 == 0 { (width, height) } else { (height, width) };
            assert_eq!(rotation.inverse().apply_rect(turned, w, h), rect, "{rotation:?}");
        }
    }
}
