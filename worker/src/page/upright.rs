//! A page so turned that its text stands upright and its lines are level.

use std::sync::Arc;

use quire_document::{spread, triage::Border};
use quire_proto::{Motion, Point, Quad, Rect, Rotation, page_text::PageText, record::PageSize};
use quire_raster::Raster;
use quire_render::RenderedPage;

/// A page image with all that the file says about it, and how it lies on the page as it came.
#[derive(Clone)]
pub(super) struct Upright {
    pub(super) raster: Raster,
    pub(super) size: PageSize,
    pub(super) text: PageText,
    /// The clockwise turn that set its text upright.
    pub(super) rotation: Rotation,
    /// Degrees by which its lines then leaned clockwise, if they were made level.
    pub(super) skew: Option<f32>,
    /// From this image to the page as it came.
    pub(super) back: Motion,
    /// Size of the page as it came.
    pub(super) came: PageSize,
    /// The dark border that was taken away, on the page as it came.
    pub(super) border: Option<Arc<Border>>,
}

impl Upright {
    /// The page before anyone has looked at it.
    pub(super) fn as_is(page: RenderedPage) -> Self {
        Self {
            raster: page.raster,
            size: page.size,
            text: page.text,
            rotation: Rotation::None,
            skew: None,
            back: Motion::NONE,
            came: page.size,
            border: None,
        }
    }

    /// The page turned by quarters.
    pub(super) fn turned(self, rotation: Rotation) -> Self {
        let turn = Motion::turn(rotation, self.size.width_px as f32, self.size.height_px as f32);
        Self {
            raster: self.raster.rotated(rotation),
            size: turned_size(self.size, rotation),
            text: turned_text(self.text, rotation, self.size),
            rotation,
            skew: None,
            back: turn.inverse().then(&self.back),
            came: self.came,
            border: self.border,
        }
    }

    /// The image of the page made level, when its lines lean clockwise by `skew` degrees.
    ///
    /// It grows by what sticks out. A text layer does not follow it.
    pub(super) fn leveled(&self, skew: f32) -> Self {
        let (width, height) = (self.raster.width() as f32, self.raster.height() as f32);
        let (sin, cos) = skew.abs().to_radians().sin_cos();
        let (level_width, level_height) =
            ((width * cos + height * sin).ceil(), (width * sin + height * cos).ceil());
        let middle = |width: f32, height: f32| Point::new(width / 2.0, height / 2.0);
        let level = Motion::tilt(-skew, middle(width, height), middle(level_width, level_height));
        let PageSize { width_pt, height_pt, dpi, .. } = self.size;
        let size = PageSize {
            width_pt: width_pt * level_width / width.max(1.0),
            height_pt: height_pt * level_height / height.max(1.0),
            width_px: level_width as u32,
            height_px: level_height as u32,
            dpi,
        };
        Self {
            raster: self.raster.moved(&level, size.width_px, size.height_px),
            size,
            text: PageText::default(),
            rotation: self.rotation,
            skew: Some(skew),
            back: level.inverse().then(&self.back),
            came: self.came,
            border: self.border.clone(),
        }
    }

    /// Where the gutter of a spread is, by its text layer.
    pub(super) fn gutter_of_text(&self) -> Option<f32> {
        let drawn = self.text.chars.iter().filter(|char| !(char.generated || char.unicode.is_whitespace()));
        let boxes: Vec<Rect> = drawn.map(|char| char.rect).collect();
        spread::gutter(&boxes, self.size.width_px as f32, self.size.height_px as f32)
    }

    /// The two pages of a spread, whose gutter is `at` pixels from the left.
    pub(super) fn halves(mut self, at: f32) -> [Self; 2] {
        let (at, width) = (at.round(), self.size.width_px as f32);
        let [left, right] = spread::divided(std::mem::take(&mut self.text), at);
        let half = |from: f32, to: f32, text: PageText| {
            let rect = Rect::new(from, 0.0, to, self.size.height_px as f32);
            let raster = self.raster.crop(&rect).unwrap_or_else(|| Raster::white(1, 1));
            let width_pt = self.size.width_pt * (to - from) / width;
            Self {
                size: PageSize { width_pt, width_px: raster.width(), ..self.size },
                raster,
                text,
                back: Motion::shift(from, 0.0).then(&self.back),
                border: self.border.clone(),
                ..self
            }
        };
        [half(0.0, at, left), half(at, width, right)]
    }

    /// Whether what was found in `quad` is a scrap at the dark border of the scan.
    pub(super) fn is_scrap(&self, quad: &Quad) -> bool {
        self.border.as_ref().is_some_and(|border| border.is_scrap(&self.back.quad(quad).bounds()))
    }

    /// From this image to `other`, which shows the same page.
    pub(super) fn onto(&self, other: &Self) -> Motion {
        self.back.then(&other.back.inverse())
    }
}

/// The size of the page after it was turned.
fn turned_size(size: PageSize, rotation: Rotation) -> PageSize {
    match rotation {
        Rotation::None | Rotation::Half => size,
        Rotation::Quarter | Rotation::ThreeQuarters => PageSize {
            width_pt: size.height_pt,
            height_pt: size.width_pt,
            width_px: size.height_px,
            height_px: size.width_px,
            dpi: size.dpi,
        },
    }
}

/// The text record in the coordinates of the turned page.
fn turned_text(mut text: PageText, rotation: Rotation, size: PageSize) -> PageText {
    let (width, height) = (size.width_px as f32, size.height_px as f32);
    for char in &mut text.chars {
        char.rect = rotation.apply_rect(char.rect, width, height);
        char.angle = (char.angle + f32::from(rotation.degrees())).rem_euclid(360.0);
    }
    for rect in text.images.iter_mut().chain(&mut text.rulings) {
        *rect = rotation.apply_rect(*rect, width, height);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> Upright {
        let size = PageSize { width_pt: 144.0, height_pt: 216.0, width_px: 400, height_px: 600, dpi: 200.0 };
        Upright {
            raster: Raster::white(400, 600),
            size,
            came: size,
            border: None,
            text: PageText::default(),
            rotation: Rotation::None,
            skew: None,
            back: Motion::NONE,
        }
    }

    #[test]
    fn a_level_page_holds_all_of_the_leaning_one() {
        for skew in [-4.0, 0.5, 12.0] {
            let level = page().leveled(skew);

            let place = page().onto(&level).rect(&Rect::new(0.0, 0.0, 400.0, 600.0));

            let (width, height) = (level.size.width_px as f32, level.size.height_px as f32);
            assert_eq!(place.grown(-0.01).clamped(width, height), place.grown(-0.01), "{skew}");
            assert!(place.width() > width - 1.5 && place.height() > height - 1.5, "{skew}: {place:?}");
        }
    }

    #[test]
    fn a_page_turned_and_made_level_knows_where_it_came_from() {
        let turned = page().turned(Rotation::Quarter);
        let level = turned.leveled(3.0);

        // The ends of a line that falls by 3 degrees to the right.
        let start = Point::new(200.0, 150.0);
        let end = Motion::tilt(3.0, start, start).point(Point::new(500.0, 150.0));
        let on_level = [start, end].map(|point| turned.onto(&level).point(point));

        assert!((on_level[0].y - on_level[1].y).abs() < 0.01, "{on_level:?}");
        let came_from = level.back.point(on_level[0]);
        assert!(came_from.distance(Point::new(150.0, 400.0)) < 0.01, "{came_from:?}");
    }

    #[test]
    fn the_halves_of_a_spread_know_where_they_lie() {
        let [left, right] = page().turned(Rotation::Quarter).halves(320.0);

        assert_eq!((left.size.width_px, right.size.width_px), (320, 280));
        assert_eq!((right.raster.width(), right.raster.height()), (280, 400));
        assert_eq!(left.back.point(Point::new(5.0, 10.0)), Point::new(10.0, 595.0));
        assert_eq!(right.back.point(Point::new(5.0, 10.0)), Point::new(10.0, 275.0));
    }
}
