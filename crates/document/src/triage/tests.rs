//! Tests of triage, one page per kind.

use quire_proto::{
    Rect,
    page_text::{PageText, TextChar},
    record::{ModeReason, PageMode},
};

use super::{Decision, Evidence, Kind, Mode, TriageParams, decide, has_ink};

const SENTENCE: &str = "The quick brown fox jumps over the lazy dog and then it sleeps until the evening. ";

fn text(content: &str) -> PageText {
    let char = |(at, unicode): (usize, char)| {
        let (x, y) = ((at % 80) as f32 * 10.0 + 50.0, (at / 80) as f32 * 20.0 + 50.0);
        TextChar { unicode, rect: Rect::new(x, y, x + 8.0, y + 14.0), size: 10.0, ..TextChar::default() }
    };
    PageText { chars: content.chars().enumerate().map(char).collect(), ..PageText::default() }
}

fn decided(text: &PageText, mode: Mode) -> Decision {
    let page = Evidence { text, width: 1000.0, height: 1400.0, kind: Kind::Pdf, blank: false };
    decide(&page, mode, &TriageParams::default())
}

fn outcome(text: &PageText) -> (PageMode, ModeReason) {
    let decision = decided(text, Mode::Auto);
    (decision.mode, decision.reason)
}

#[test]
fn a_page_without_ink_and_text_is_blank_in_every_mode() {
    let text = PageText::default();
    let page = Evidence { text: &text, width: 1000.0, height: 1400.0, kind: Kind::Pdf, blank: true };

    for mode in [Mode::Auto, Mode::Force, Mode::Skip] {
        assert_eq!(decide(&page, mode, &TriageParams::default()).reason, ModeReason::NothingDrawn);
    }
}

#[test]
fn clean_text_is_taken_as_it_is_unless_recognition_is_forced() {
    let text = text(&SENTENCE.repeat(5));

    assert_eq!(outcome(&text), (PageMode::Text, ModeReason::CleanTextLayer));
    assert_eq!(decided(&text, Mode::Force).reason, ModeReason::Forced);
    assert_eq!(decided(&text, Mode::Skip).reason, ModeReason::Skipped);
}

#[test]
fn a_page_without_text_is_recognised() {
    assert_eq!(outcome(&PageText::default()), (PageMode::Ocr, ModeReason::NoTextLayer));
}

#[test]
fn glyph_soup_is_recognised() {
    let private: String = SENTENCE.chars().map(|c| char::from_u32(0xe000 + c as u32).unwrap_or(c)).collect();
    let shifted: String =
        SENTENCE.repeat(4).chars().filter(|c| *c != ' ').map(|c| (c as u8 - 29) as char).collect();
    let cids = "(cid:12)(cid:7)".repeat(10);

    for soup in [private, shifted, cids, "\u{fffd}".repeat(30), "bcdfgh jklmn ".repeat(20)] {
        assert_eq!(outcome(&text(&soup)), (PageMode::Ocr, ModeReason::GarbledTextLayer), "{soup}");
    }
}

#[test]
fn figures_leaders_and_other_scripts_are_not_soup() {
    for fine in
        ["12.50 3,400 17% ".repeat(20), "Chapter ........... 12 ".repeat(9), "中文字符，很好。".repeat(20)]
    {
        assert_eq!(outcome(&text(&fine)).0, PageMode::Text, "{fine}");
    }
}

#[test]
fn a_stamp_on_a_scan_in_strips_does_not_hide_the_scan() {
    let mut page = text("Downloaded from the archive");
    page.images =
        (0..10).map(|at| Rect::new(0.0, 140.0 * at as f32, 1000.0, 140.0 * (at + 1) as f32)).collect();

    assert_eq!(outcome(&page), (PageMode::Ocr, ModeReason::SparseTextLayer));
}

#[test]
fn only_images_that_may_hold_text_are_recognised_on_a_text_page() {
    let mut page = text(&SENTENCE.repeat(5));
    let picture = Rect::new(100.0, 600.0, 700.0, 900.0);
    let (logo, background) = (Rect::new(10.0, 10.0, 60.0, 40.0), Rect::new(0.0, 0.0, 1000.0, 1400.0));
    page.images = vec![logo, picture, background, Rect { x0: f32::NAN, ..picture }];

    let decision = decided(&page, Mode::Auto);

    assert_eq!((decision.mode, decision.reason), (PageMode::Mixed, ModeReason::ImageRegions));
    assert_eq!(decision.ocr_regions, [picture]);
}

#[test]
fn an_earlier_recognition_is_noticed() {
    let mut page = text(&SENTENCE.repeat(5));
    page.chars.iter_mut().for_each(|char| char.invisible = true);

    assert!(decided(&page, Mode::Auto).earlier_ocr);
}

#[test]
fn ink_is_more_than_dust() {
    let white = quire_raster::Raster::white(40, 40);
    let mut pixels = white.bytes().to_vec();
    pixels[3000..3030].fill(0);
    let dotted = quire_raster::Raster::new(40, 40, pixels).unwrap();

    assert!(!has_ink(&white));
    assert!(has_ink(&dotted));
}
