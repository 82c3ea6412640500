//! What a child says about a page, checked before anybody acts on it.

use quire_proto::{Rect, page_text::PageText};

use crate::wire::{MAX_SIDE, MAX_TEXT_BYTES, PageHeader};

/// Entries of each list in a text record. A child that obeys cuts its lists far below this.
pub(crate) const MAX_ENTRIES: usize = 250_000;

/// Checks the header; `Err` says what is wrong.
pub(crate) fn check_header(header: &PageHeader, max_pixels: u64) -> Result<(), String> {
    let sides = [header.width_px, header.height_px];
    let pixels = u64::from(header.width_px) * u64::from(header.height_px);
    if sides.iter().any(|side| !(1..=MAX_SIDE).contains(side)) || pixels > max_pixels {
        return Err(format!("{} x {} pixels", header.width_px, header.height_px));
    }
    let measures = [header.width_pt, header.height_pt, header.dpi];
    if measures.iter().any(|measure| !measure.is_finite() || *measure <= 0.0) {
        return Err(format!("{measures:?} points and dots per inch"));
    }
    if header.text_bytes > MAX_TEXT_BYTES {
        return Err(format!("a text record of {} bytes", header.text_bytes));
    }
    Ok(())
}

/// Decodes and checks a text record; `Err` says what is wrong.
pub(crate) fn check_text(bytes: &[u8]) -> Result<PageText, String> {
    let text: PageText = postcard::from_bytes(bytes).map_err(|error| format!("text record: {error}"))?;
    let lists = [text.chars.len(), text.fonts.len(), text.images.len(), text.rulings.len()];
    let lengths = [lists.as_slice(), &[text.bookmarks.len()]].concat();
    if lengths.iter().any(|length| *length > MAX_ENTRIES) {
        return Err(format!("a text record with {lengths:?} entries"));
    }
    let finite = |rect: &Rect| [rect.x0, rect.y0, rect.x1, rect.y1].iter().all(|edge| edge.is_finite());
    let sound = text.images.iter().chain(&text.rulings).all(finite)
        && text.chars.iter().all(|char| {
            finite(&char.rect)
                && char.size.is_finite()
                && char.angle.is_finite()
                && usize::from(char.font) < text.fonts.len()
        });
    if sound { Ok(text) } else { Err("a text record with impossible values".to_owned()) }
}

#[cfg(test)]
mod tests {
    use quire_proto::page_text::TextChar;

    use super::*;

    fn header() -> PageHeader {
        PageHeader {
            width_px: 100,
            height_px: 50,
            width_pt: 36.0,
            height_pt: 18.0,
            dpi: 200.0,
            rendered_smaller: false,
            text_bytes: 0,
        }
    }

    #[test]
    fn a_header_beyond_the_caps_is_a_lie() {
        let lies = [
            PageHeader { width_px: 0, ..header() },
            PageHeader { width_px: u32::MAX, height_px: u32::MAX, ..header() },
            PageHeader { width_px: 101, ..header() },
            PageHeader { dpi: f32::NAN, ..header() },
            PageHeader { width_pt: -1.0, ..header() },
            PageHeader { text_bytes: MAX_TEXT_BYTES + 1, ..header() },
        ];

        assert!(check_header(&header(), 5000).is_ok());
        for lie in lies {
            assert!(check_header(&lie, 5000).is_err(), "{lie:?}");
        }
    }

    #[test]
    fn a_character_of_no_font_is_a_lie() {
        let char = TextChar {
            unicode: 'a',
            rect: Rect::default(),
            font: 3,
            size: 10.0,
            angle: 0.0,
            generated: false,
            hyphen: false,
            unmapped: false,
            invisible: false,
        };
        let text = PageText { chars: vec![char], ..PageText::default() };

        let checked = check_text(&postcard::to_stdvec(&text).unwrap());

        assert!(checked.is_err());
        assert!(check_text(b"\xff\xff\xff\xff\xff\xff").is_err());
    }
}
