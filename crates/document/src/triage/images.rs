//! Which images of a page may hold text.

use quire_proto::Rect;

use super::{Evidence, TriageParams};

/// Images looked at; a page made of more is a drawing.
const MOST: usize = 2000;

/// Whether an image (or the strips of one) fills the page.
pub(super) fn scan_behind(page: &Evidence<'_>, params: &TriageParams) -> bool {
    let area = page.width * page.height;
    images(page).iter().any(|image| image.area() >= params.page_filling * area)
}

/// Images large enough to hold text and without text of the layer over them, largest first.
pub(super) fn with_text(page: &Evidence<'_>, params: &TriageParams) -> Vec<Rect> {
    let mut found: Vec<Rect> = images(page)
        .into_iter()
        .filter(|image| image.width() >= params.least_width * page.width)
        .filter(|image| image.height() >= params.least_height * page.height)
        .collect();
    found.sort_by(|a, b| b.area().total_cmp(&a.area()));
    found.truncate(params.most_images);
    found.retain(|image| chars_over(image, page) <= params.background_chars);
    disjoint(found)
}

/// Of images that lie on one another only the largest.
fn disjoint(found: Vec<Rect>) -> Vec<Rect> {
    let mut out: Vec<Rect> = Vec::new();
    for image in found {
        if !out.iter().any(|larger| image.share_inside(larger) > 0.5) {
            out.push(image);
        }
    }
    out
}

fn chars_over(image: &Rect, page: &Evidence<'_>) -> usize {
    let over = |rect: &Rect| image.contains(rect.center());
    page.text.chars.iter().filter(|char| !char.unicode.is_whitespace() && over(&char.rect)).count()
}

/// The images' boxes on the page; strips that continue each other are one image.
fn images(page: &Evidence<'_>) -> Vec<Rect> {
    if !(page.width.is_finite() && page.height.is_finite() && page.width > 0.0 && page.height > 0.0) {
        return Vec::new();
    }
    let sane = |rect: &&Rect| [rect.x0, rect.y0, rect.x1, rect.y1].iter().all(|edge| edge.is_finite());
    let mut boxes: Vec<Rect> = page
        .text
        .images
        .iter()
        .take(MOST)
        .filter(sane)
        .map(|rect| rect.clamped(page.width, page.height))
        .filter(|rect| rect.area() > 0.0)
        .collect();
    boxes.sort_by(|a, b| a.y0.total_cmp(&b.y0));
    let mut out: Vec<Rect> = Vec::new();
    for strip in boxes {
        match out.iter_mut().rev().take(8).find(|above| continues(above, &strip)) {
            Some(above) => *above = above.union(&strip),
            None => out.push(strip),
        }
    }
    out
}

/// Same left and right edge, and no gap between.
fn continues(above: &Rect, strip: &Rect) -> bool {
    let same = |a: f32, b: f32| (a - b).abs() <= 3.0;
    same(above.x0, strip.x0) && same(above.x1, strip.x1) && strip.y0 <= above.y1 + 3.0
}
