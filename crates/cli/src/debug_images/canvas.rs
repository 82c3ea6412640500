//! An RGB image to draw on. Whatever lies outside is not drawn.

use quire_proto::{Point, Rect};
use quire_raster::Raster;

use super::letters;

/// Red, green, blue.
pub(super) type Color = [u8; 3];

pub(super) struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Canvas {
    /// The page with white mixed in: 0 leaves it as it is, 1 leaves nothing.
    pub(super) fn faded(page: &Raster, white: f32) -> Self {
        let fade = |value: &u8| (f32::from(*value) * (1.0 - white) + 255.0 * white) as u8;
        Self { width: page.width(), height: page.height(), pixels: page.bytes().iter().map(fade).collect() }
    }

    pub(super) fn into_raster(self) -> Raster {
        let (width, height) = (self.width, self.height);
        // The canvas keeps the size of the page it was made from.
        Raster::new(width, height, self.pixels).unwrap_or_else(|_| Raster::white(width, height))
    }

    /// The edges of `rect`, `pen` pixels wide, inside it.
    pub(super) fn outline(&mut self, rect: &Rect, pen: u32, color: Color) {
        let pen = pen as f32;
        self.fill(&Rect { y1: rect.y0 + pen, ..*rect }, color);
        self.fill(&Rect { y0: rect.y1 - pen, ..*rect }, color);
        self.fill(&Rect { x1: rect.x0 + pen, ..*rect }, color);
        self.fill(&Rect { x0: rect.x1 - pen, ..*rect }, color);
    }

    /// All of `rect`, rounded to whole pixels.
    pub(super) fn fill(&mut self, rect: &Rect, color: Color) {
        let rect = rect.clamped(self.width as f32, self.height as f32);
        let (x0, x1) = (rect.x0.round() as usize, rect.x1.round() as usize);
        let (y0, y1) = (rect.y0.round() as usize, rect.y1.round() as usize);
        for row in self.pixels.chunks_exact_mut(self.width.max(1) as usize * 3).take(y1).skip(y0) {
            for pixel in row.chunks_exact_mut(3).take(x1).skip(x0) {
                pixel.copy_from_slice(&color);
            }
        }
    }

    /// A line from `from` to `to` with a head at its end.
    pub(super) fn arrow(&mut self, from: Point, to: Point, pen: u32, color: Color) {
        let length = from.distance(to);
        if !length.is_finite() || length < 1.0 {
            return;
        }
        let (along_x, along_y) = ((to.x - from.x) / length, (to.y - from.y) / length);
        let head = (pen as f32 * 8.0).min(length / 2.0);
        let wing = |side: f32| {
            Point::new(
                to.x - along_x * head - along_y * head * side,
                to.y - along_y * head + along_x * head * side,
            )
        };
        self.line(from, to, pen, color);
        self.line(wing(0.5), to, pen, color);
        self.line(wing(-0.5), to, pen, color);
    }

    fn line(&mut self, from: Point, to: Point, pen: u32, color: Color) {
        // A line is no longer than the page's diagonal, or it comes from a box that is nonsense.
        let longest = self.width as f32 + self.height as f32;
        let steps = (to.x - from.x).abs().max((to.y - from.y).abs()).min(longest).ceil().max(1.0);
        let half = pen as f32 / 2.0;
        for step in 0..=steps as u32 {
            let t = step as f32 / steps;
            let (x, y) = (from.x + (to.x - from.x) * t, from.y + (to.y - from.y) * t);
            self.fill(&Rect::new(x - half, y - half, x + half, y + half), color);
        }
    }

    /// Width and height of a label with this text.
    pub(super) fn label_size(text: &str, scale: u32) -> (f32, f32) {
        let letters = text.chars().count() as u32;
        ((letters * letters::SIZE * scale) as f32, ((letters::SIZE + 2) * scale) as f32)
    }

    /// A rectangle of this size at `x`, `y`, moved into the page if it leaves it.
    pub(super) fn inside(&self, x: f32, y: f32, width: f32, height: f32) -> Rect {
        let x = x.clamp(0.0, (self.width as f32 - width).max(0.0));
        let y = y.clamp(0.0, (self.height as f32 - height).max(0.0));
        Rect::new(x, y, x + width, y + height)
    }

    /// Text on a coloured ground.
    pub(super) fn label(&mut self, place: &Rect, text: &str, scale: u32, ink: Color, ground: Color) {
        self.fill(place, ground);
        let scale = scale as f32;
        for (index, letter) in text.chars().enumerate() {
            let left = place.x0 + index as f32 * letters::SIZE as f32 * scale;
            for (x, y) in letters::dots(letter) {
                let (x, y) = (left + x as f32 * scale, place.y0 + (y as f32 + 1.0) * scale);
                self.fill(&Rect::new(x, y, x + scale, y + scale), ink);
            }
        }
    }
}
