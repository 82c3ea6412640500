//! Two pages on one image: where the gutter between them is.
//!
//! What must stay true: no text is lost; every character is on one of the two pages.

use quire_proto::{
    Rect,
    page_text::{PageText, TextChar},
    record::Line,
};

use crate::bidi::Direction;

/// Least width of a spread over its height: two pages side by side are wider than high.
const LANDSCAPE: f32 = 1.1;
/// The gutter is no farther from the middle than this share of the width.
const OFF_MIDDLE: f32 = 0.1;
/// Least width of the gutter, as a share of the width of the spread: it is the inner margins of two pages.
const GUTTER: f32 = 0.02;

/// Where to divide a spread of `width` × `height` pixels, from its left edge; `None` when it is a single page.
///
/// `boxes` are its lines or characters. A spread has some on both sides, and none across the gutter.
pub fn gutter(boxes: &[Rect], width: f32, height: f32) -> Option<f32> {
    if width < LANDSCAPE * height {
        return None;
    }
    let middle = width / 2.0;
    let mut edges: Vec<(f32, f32)> = boxes.iter().map(|rect| (rect.x0, rect.x1)).collect();
    edges.retain(|(from, to)| from.is_finite() && to.is_finite());
    edges.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut edges = edges.into_iter();
    let mut reached = edges.next()?.1;
    let mut widest: Option<(f32, f32)> = None;
    for (from, to) in edges {
        let gap = (reached, from);
        let at = f32::midpoint(gap.0, gap.1);
        let size = |(from, to): (f32, f32)| to - from;
        let is_gutter = size(gap) >= GUTTER * width && (at - middle).abs() <= OFF_MIDDLE * width;
        if is_gutter && widest.is_none_or(|other| size(gap) > size(other)) {
            widest = Some(gap);
        }
        reached = reached.max(to);
    }
    widest.map(|(from, to)| f32::midpoint(from, to))
}

/// The text left and right of `at`; right of it places are counted from there.
///
/// What has no place of its own stays with what the file draws before it.
pub fn divided(text: PageText, at: f32) -> [PageText; 2] {
    let PageText { has_graphics, truncated, .. } = text;
    let empty = || PageText { fonts: text.fonts.clone(), has_graphics, truncated, ..PageText::default() };
    let [mut left, mut right] = [empty(), empty()];
    let mut is_right = false;
    for char in text.chars {
        let x = char.rect.center().x;
        if x.is_finite() && !char.generated {
            is_right = x >= at;
        }
        if is_right {
            right.chars.push(TextChar { rect: shifted(&char.rect, at), ..char });
        } else {
            left.chars.push(char);
        }
    }
    let parts = |rects: &[Rect]| -> [Vec<Rect>; 2] {
        let on_left =
            rects.iter().filter(|rect| rect.x0 < at).map(|rect| Rect { x1: rect.x1.min(at), ..*rect });
        let on_right = rects.iter().filter(|rect| rect.x1 > at);
        let on_right = on_right.map(|rect| shifted(&Rect { x0: rect.x0.max(at), ..*rect }, at));
        [on_left.collect(), on_right.collect()]
    };
    [left.images, right.images] = parts(&text.images);
    [left.rulings, right.rulings] = parts(&text.rulings);
    [left, right]
}

/// The pages of a spread, which come from left to right, in the direction of most letters of their `lines`.
pub fn in_reading_order<T>(mut pages: Vec<T>, lines: impl Fn(&T) -> &[Line]) -> Vec<T> {
    if Direction::of_lines(pages.iter().flat_map(lines)).is_rtl() {
        pages.reverse();
    }
    pages
}

fn shifted(rect: &Rect, left: f32) -> Rect {
    Rect { x0: rect.x0 - left, x1: rect.x1 - left, ..*rect }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: f32 = 2000.0;
    const HEIGHT: f32 = 1400.0;

    /// A column of lines from `x0` to `x1`.
    fn column(x0: f32, x1: f32) -> Vec<Rect> {
        (0..20).map(|row| Rect::new(x0, 100.0 + 50.0 * row as f32, x1, 130.0 + 50.0 * row as f32)).collect()
    }

    fn between(left: (f32, f32), right: (f32, f32)) -> Option<f32> {
        gutter(&[column(left.0, left.1), column(right.0, right.1)].concat(), WIDTH, HEIGHT)
    }

    #[test]
    fn two_pages_side_by_side_part_in_the_middle_of_their_margins() {
        assert_eq!(between((100.0, 900.0), (1060.0, 1900.0)), Some(980.0));
    }

    #[test]
    fn a_page_with_lines_across_is_one() {
        let mut lines = [column(100.0, 900.0), column(1060.0, 1900.0)].concat();
        lines.push(Rect::new(700.0, 40.0, 1300.0, 80.0));

        assert_eq!(gutter(&lines, WIDTH, HEIGHT), None);
    }

    #[test]
    fn a_gap_far_from_the_middle_or_narrow_is_no_gutter() {
        assert_eq!(between((100.0, 500.0), (600.0, 1900.0)), None);
        assert_eq!(between((100.0, 985.0), (1015.0, 1900.0)), None);
        assert_eq!(gutter(&column(100.0, 900.0), WIDTH, HEIGHT), None);
        assert_eq!(gutter(&[], WIDTH, HEIGHT), None);
        assert_eq!(gutter(&[Rect { x1: f32::NAN, ..Rect::default() }], WIDTH, HEIGHT), None);
    }

    #[test]
    fn a_page_higher_than_wide_is_no_spread() {
        let lines = [column(100.0, 900.0), column(1060.0, 1900.0)].concat();

        assert_eq!(gutter(&lines, WIDTH, 2600.0), None);
    }

    #[test]
    fn the_right_page_of_a_hebrew_spread_comes_first() {
        let page = |text: &str| vec![Line { text: text.into(), ..Line::default() }];
        let read = |left, right| -> Vec<String> {
            let pages = in_reading_order(vec![page(left), page(right)], |lines| lines);
            pages.into_iter().flatten().map(|line| line.text).collect()
        };

        assert_eq!(read("left page", "right page"), ["left page", "right page"]);
        assert_eq!(read("עמוד שמאלי", "עמוד ימני"), ["עמוד ימני", "עמוד שמאלי"]);
    }

    #[test]
    fn every_character_is_on_one_of_the_pages() {
        let char = |unicode, x: f32, generated| TextChar {
            unicode,
            rect: Rect { x0: x, y0: 0.0, x1: x + 8.0, y1: 10.0 },
            size: 10.0,
            generated,
            ..TextChar::default()
        };
        let chars = vec![
            char('a', 100.0, false),
            char(' ', 0.0, true),
            char('b', 1500.0, false),
            char(' ', 0.0, true),
            char('c', f32::NAN, false),
        ];
        let text =
            PageText { chars, rulings: vec![Rect::new(900.0, 5.0, 1100.0, 6.0)], ..PageText::default() };

        let [left, right] = divided(text, 1000.0);

        let read = |text: &PageText| text.chars.iter().map(|char| char.unicode).collect::<String>();
        assert_eq!((read(&left).as_str(), read(&right).as_str()), ("a ", "b c"));
        assert_eq!(right.chars[0].rect.x0, 500.0);
        assert_eq!(left.rulings, [Rect::new(900.0, 5.0, 1000.0, 6.0)]);
        assert_eq!(right.rulings, [Rect::new(0.0, 5.0, 100.0, 6.0)]);
    }
}
