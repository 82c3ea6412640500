//! Images, ruling lines and other graphics of a page.

use quire_proto::{Rect, page_text::PageText};

use super::{
    pdfium::{Object, ObjectKind, Page},
    rulings::{self, Drawn},
    transform::Affine,
};

/// What bounds the walk over the objects of a page.
struct Caps {
    /// Objects looked at.
    objects: u32,
    /// Boxes of images kept.
    images: usize,
    /// Rulings kept.
    rulings: usize,
    /// Forms inside forms followed: a form may contain itself.
    depth: u32,
}

const CAPS: Caps = Caps { objects: 200_000, images: 5_000, rulings: 20_000, depth: 12 };

/// Adds what is drawn on `page` beside text, placed by `map` on an image of this width and height.
pub(super) fn describe(page: &Page<'_>, map: &Affine, size: (f32, f32), text: &mut PageText) {
    let mut walk = Walk { text, size, thickest: rulings::thickest(map), objects: 0 };
    for object in page.objects() {
        walk.visit(&object, map, 0);
    }
}

struct Walk<'a> {
    text: &'a mut PageText,
    size: (f32, f32),
    /// Thickest ruling in pixels, however the objects on the page are scaled.
    thickest: f64,
    objects: u32,
}

impl Walk<'_> {
    fn visit(&mut self, object: &Object<'_>, map: &Affine, depth: u32) {
        self.objects += 1;
        if self.objects > CAPS.objects || depth > CAPS.depth {
            self.text.truncated = true;
            return;
        }
        match object.kind() {
            ObjectKind::Image => self.image(object, map),
            ObjectKind::Path => self.path(object, map),
            ObjectKind::Shading => self.text.has_graphics = true,
            ObjectKind::Form => {
                let map = object.matrix().then(map);
                for child in object.children() {
                    if self.objects > CAPS.objects {
                        break;
                    }
                    self.visit(&child, &map, depth + 1);
                }
            }
            ObjectKind::Text | ObjectKind::Unknown => {}
        }
    }

    fn image(&mut self, object: &Object<'_>, map: &Affine) {
        let Some(rect) = object.bounds().and_then(|edges| self.on_page(map.apply_box(edges))) else { return };
        if self.text.images.len() < CAPS.images {
            self.text.images.push(rect);
        } else {
            self.text.truncated = true;
        }
    }

    fn path(&mut self, object: &Object<'_>, map: &Affine) {
        match rulings::of_path(object, map, self.thickest) {
            Drawn::Nothing => {}
            Drawn::Graphics => self.text.has_graphics = true,
            Drawn::Rulings(rects) => {
                for rect in rects {
                    if self.text.rulings.len() >= CAPS.rulings {
                        self.text.truncated = true;
                        return;
                    }
                    if let Some(rect) = self.on_page(rect) {
                        self.text.rulings.push(rect);
                    }
                }
            }
        }
    }

    /// The part of `rect` on the page; `None` when there is none.
    fn on_page(&self, rect: Rect) -> Option<Rect> {
        let finite = [rect.x0, rect.y0, rect.x1, rect.y1].iter().all(|edge| edge.is_finite());
        let (width, height) = self.size;
        let clamped = finite.then(|| rect.clamped(width, height))?;
        (clamped.width() > 0.0 && clamped.height() > 0.0).then_some(clamped)
    }
}
