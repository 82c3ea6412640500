//! Affine maps: from the coordinates in a file to the pixels of the page image.

use quire_proto::Rect;

/// The map `(x, y) → (a·x + c·y + e, b·x + d·y + f)`, as in PDF.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Affine {
    pub(super) a: f64,
    pub(super) b: f64,
    pub(super) c: f64,
    pub(super) d: f64,
    pub(super) e: f64,
    pub(super) f: f64,
}

impl Affine {
    /// Changes nothing.
    pub(super) const IDENTITY: Self = Self { a: 1.0, b: 0.0, c: 0.0, d: 1.0, e: 0.0, f: 0.0 };

    /// First `self`, then `next`.
    pub(super) fn then(&self, next: &Self) -> Self {
        let (a, b) = next.direction(self.a, self.b);
        let (c, d) = next.direction(self.c, self.d);
        let (e, f) = next.apply(self.e, self.f);
        Self { a, b, c, d, e, f }
    }

    /// Where a point lands.
    pub(super) fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        let (dx, dy) = self.direction(x, y);
        (dx + self.e, dy + self.f)
    }

    /// Where a direction lands.
    pub(super) fn direction(&self, x: f64, y: f64) -> (f64, f64) {
        (self.a * x + self.c * y, self.b * x + self.d * y)
    }

    /// The upright rectangle around the image of a rectangle.
    pub(super) fn apply_box(&self, [left, bottom, right, top]: [f64; 4]) -> Rect {
        let corners =
            [(left, bottom), (left, top), (right, bottom), (right, top)].map(|(x, y)| self.apply(x, y));
        let min = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::INFINITY, f64::min);
        let max = |pick: fn(&(f64, f64)) -> f64| corners.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
        Rect {
            x0: min(|corner| corner.0) as f32,
            y0: min(|corner| corner.1) as f32,
            x1: max(|corner| corner.0) as f32,
            y1: max(|corner| corner.1) as f32,
        }
    }

    /// How much lengths grow, on average over directions.
    pub(super) fn scale(&self) -> f64 {
        (self.a * self.d - self.b * self.c).abs().sqrt()
    }
}

/// The map from a page's coordinates to its image, which shows `crop` (left, bottom, right, top) turned clockwise
/// by `quarter_turns`.
pub(super) fn page_to_image(crop: [f64; 4], quarter_turns: i32, width_px: f64, height_px: f64) -> Affine {
    let [left, bottom, right, top] = crop;
    let (width, height) = (right - left, top - bottom);
    let turned = match quarter_turns.rem_euclid(4) {
        0 => Affine { a: 1.0, b: 0.0, c: 0.0, d: -1.0, e: -left, f: top },
        1 => Affine { a: 0.0, b: 1.0, c: 1.0, d: 0.0, e: -bottom, f: -left },
        2 => Affine { a: -1.0, b: 0.0, c: 0.0, d: 1.0, e: right, f: -bottom },
        _ => Affine { a: 0.0, b: -1.0, c: -1.0, d: 0.0, e: top, f: right },
    };
    let (shown_width, shown_height) =
        if quarter_turns.rem_euclid(2) == 0 { (width, height) } else { (height, width) };
    let stretch = Affine { a: width_px / shown_width, d: height_px / shown_height, ..Affine::IDENTITY };
    turned.then(&stretch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corner_a_viewer_shows_top_left_is_the_origin() {
        let crop = [10.0, 20.0, 110.0, 220.0];
        let shown_top_left = [(10.0, 220.0), (10.0, 20.0), (110.0, 20.0), (110.0, 220.0)];

        for (turns, (x, y)) in shown_top_left.into_iter().enumerate() {
            let (width, height) = if turns % 2 == 0 { (100.0, 200.0) } else { (200.0, 100.0) };
            let map = page_to_image(crop, turns as i32, width, height);

            assert_eq!(map.apply(x, y), (0.0, 0.0), "{turns}");
            assert_eq!(map.apply_box(crop), Rect::new(0.0, 0.0, width as f32, height as f32), "{turns}");
        }
    }
}
