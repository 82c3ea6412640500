//! Turning a page so that its text stands upright.

use quire_proto::{Rotation, page_text::PageText, record::PageSize};

/// The size of the page after it was turned.
pub(super) fn turned_size(size: PageSize, rotation: Rotation) -> PageSize {
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
pub(super) fn turned_text(mut text: PageText, rotation: Rotation, size: PageSize) -> PageText {
    if rotation == Rotation::None {
        return text;
    }
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
