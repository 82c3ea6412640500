//! Bullets of lists on scans: a text detector passes over a lone dot, so they are looked for in the picture.
//!
//! Before each recognised line, a bullet is the only ink there, solid, about as wide as high, in the middle of the
//! line's height. A speck may be all of that too: bullets count only where several stand one below the other.

use quire_proto::{
    Rect,
    record::{Line, Word},
};
use quire_raster::Raster;

use crate::{bidi::Direction, blocks::list};

/// What is taken for a bullet; lengths are in heights of the line's box.
#[derive(Clone, Copy, Debug)]
pub struct BulletParams {
    /// How far before a line a bullet may stand.
    pub reach: f32,
    /// Least and most width and height of a bullet.
    pub size: (f32, f32),
    /// Width over height, or the other way round, is at most this.
    pub stretch: f32,
    /// Share of its box that a bullet fills: a disc π/4, a square all of it, an `o` about half.
    pub filled: f32,
    /// How far the bullet's middle may be above or below that of the line.
    pub raised: f32,
    /// Least difference between ink and paper, of 255.
    pub contrast: u8,
    /// As many lines must have one …
    pub least: usize,
    /// … within this distance of one vertical.
    pub flush: f32,
}

impl Default for BulletParams {
    fn default() -> Self {
        Self {
            reach: 2.5,
            size: (0.15, 0.6),
            stretch: 1.6,
            filled: 0.62,
            raised: 0.25,
            contrast: 80,
            least: 2,
            flush: 0.35,
        }
    }
}

/// The lines, those that a bullet stands before with `•` as their first word.
///
/// `lines` are in pixels of `page`, and level. Only lines change that have a bullet; none is added or lost.
pub fn with_bullets(page: &Raster, mut lines: Vec<Line>, params: &BulletParams) -> Vec<Line> {
    let found: Vec<(usize, Rect)> =
        (0..lines.len()).filter_map(|at| Some((at, before(page, &lines, at, params)?))).collect();
    let flush = |(at, bullet): &(usize, Rect)| {
        let near = params.flush * lines[*at].rect.height();
        let in_column = |(_, other): &&(usize, Rect)| (other.center().x - bullet.center().x).abs() <= near;
        found.iter().filter(in_column).count() >= params.least
    };
    let bullets: Vec<(usize, Rect)> = found.iter().filter(|found| flush(found)).copied().collect();
    for (at, bullet) in bullets {
        put_before(&mut lines[at], bullet);
    }
    lines
}

fn put_before(line: &mut Line, bullet: Rect) {
    line.text.insert_str(0, "• ");
    line.rect = line.rect.union(&bullet);
    line.words
        .insert(0, Word { text: "•".into(), rect: bullet, confidence: line.confidence, ..Word::default() });
}

/// The bullet before line `at`: left of it, or right where most of its letters run from there.
fn before(page: &Raster, lines: &[Line], at: usize, params: &BulletParams) -> Option<Rect> {
    let line = &lines[at];
    if list::marker(&line.text).is_some() {
        return None;
    }
    let (own, height) = (line.rect, line.rect.height());
    let (reach, gap) = (params.reach * height, 0.1 * height);
    let window = match Direction::of_lines([line]) {
        Direction::LeftToRight => Rect { x0: own.x0 - reach, x1: own.x0 - gap, ..own },
        Direction::RightToLeft => Rect { x0: own.x1 + gap, x1: own.x1 + reach, ..own },
    };
    let free = !lines.iter().enumerate().any(|(other, line)| other != at && line.rect.overlap(&window) > 0.0);
    if !free {
        return None;
    }
    let ink = Ink::of(page, &window, params.contrast)?;
    let bullet = ink.only_blob()?;
    let (least, most) = params.size;
    let fits = |length: f32| (least * height..=most * height).contains(&length);
    let (width, tall) = (bullet.width(), bullet.height());
    let round = width.max(tall) <= params.stretch * width.min(tall);
    let solid = ink.count as f32 >= params.filled * bullet.area();
    let level = (bullet.center().y - own.center().y).abs() <= params.raised * height;
    (fits(width) && fits(tall) && round && solid && level).then_some(bullet)
}

/// Where the ink of a window is, in page pixels.
struct Ink {
    columns: Vec<bool>,
    left: f32,
    top: u32,
    bottom: u32,
    count: usize,
}

impl Ink {
    /// `None` for an empty window, and one without ink.
    fn of(page: &Raster, window: &Rect, contrast: u8) -> Option<Self> {
        let crop = page.crop(window)?;
        let bounds = window.clamped(page.width() as f32, page.height() as f32);
        let mut greens: Vec<u8> = crop.bytes().chunks_exact(3).map(|pixel| pixel[1]).collect();
        let middle = greens.len() / 2;
        let paper = *greens.clone().select_nth_unstable(middle).1;
        greens.iter_mut().for_each(|value| *value = value.abs_diff(paper));
        let width = crop.width() as usize;
        let mut columns = vec![false; width];
        let (mut top, mut bottom, mut count) = (u32::MAX, 0, 0);
        for (y, row) in (0..).zip(greens.chunks_exact(width)) {
            for (column, _) in columns.iter_mut().zip(row).filter(|(_, value)| **value >= contrast) {
                *column = true;
                (top, bottom, count) = (y.min(top), bottom.max(y + 1), count + 1);
            }
        }
        let above = bounds.y0.floor() as u32;
        (count > 0).then(|| Self {
            columns,
            left: bounds.x0.floor(),
            top: above + top,
            bottom: above + bottom,
            count,
        })
    }

    /// The box of the ink, if its columns are one run that touches neither side of the window.
    fn only_blob(&self) -> Option<Rect> {
        let first = self.columns.iter().position(|ink| *ink)?;
        let last = self.columns.iter().rposition(|ink| *ink)?;
        let whole = self.columns[first..=last].iter().all(|ink| *ink);
        let inside = first > 0 && last + 1 < self.columns.len();
        let x = |column: usize| self.left + column as f32;
        (whole && inside).then(|| Rect::new(x(first), self.top as f32, x(last + 1), self.bottom as f32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: u32 = 400;

    /// A page with dots of `size` pixels around these places.
    fn page(dots: &[(u32, u32)], size: u32) -> Raster {
        let mut pixels = vec![255_u8; (WIDTH * 300 * 3) as usize];
        for &(x, y) in dots {
            for (dx, dy) in (0..size).flat_map(|dx| (0..size).map(move |dy| (dx, dy))) {
                let at = ((y + dy - size / 2) * WIDTH + x + dx - size / 2) as usize * 3;
                pixels[at..at + 3].fill(20);
            }
        }
        Raster::new(WIDTH, 300, pixels).unwrap()
    }

    /// Lines 20 pixels high that begin at 100, one below the other.
    fn lines(count: usize) -> Vec<Line> {
        let line = |row: usize| {
            let rect = Rect::new(100.0, 40.0 + 30.0 * row as f32, 300.0, 60.0 + 30.0 * row as f32);
            let word = Word { text: "item".into(), rect, confidence: Some(0.9), ..Word::default() };
            Line { text: "item".into(), rect, words: vec![word], confidence: Some(0.9), ..Line::default() }
        };
        (0..count).map(line).collect()
    }

    fn read(dots: &[(u32, u32)], size: u32) -> Vec<String> {
        let lines = with_bullets(&page(dots, size), lines(3), &BulletParams::default());
        lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn dots_below_each_other_are_bullets_of_their_lines() {
        assert_eq!(read(&[(80, 50), (80, 110)], 7), ["• item", "item", "• item"]);

        let lines = with_bullets(&page(&[(80, 50), (80, 110)], 7), lines(3), &BulletParams::default());
        assert_eq!(lines[0].words[0].rect, Rect::new(77.0, 47.0, 84.0, 54.0));
        assert_eq!(lines[0].rect, Rect::new(77.0, 40.0, 300.0, 60.0));
    }

    #[test]
    fn a_lone_speck_and_what_is_too_small_large_or_scattered_are_none() {
        let plain = ["item", "item", "item"];
        assert_eq!(read(&[(80, 50)], 7), plain);
        assert_eq!(read(&[(80, 50), (62, 80)], 7), plain);
        assert_eq!(read(&[(80, 50), (80, 110)], 2), plain);
        assert_eq!(read(&[(80, 50), (80, 110)], 15), plain);
        assert_eq!(read(&[(80, 50), (80, 110), (66, 50), (66, 110)], 7), plain);
    }

    #[test]
    fn bullets_of_hebrew_lines_stand_right_of_them() {
        let hebrew: Vec<Line> =
            lines(2).into_iter().map(|line| Line { text: "פריט".into(), ..line }).collect();
        let read = |x| {
            let page = page(&[(x, 50), (x, 80)], 7);
            let lines = with_bullets(&page, hebrew.clone(), &BulletParams::default());
            lines.into_iter().map(|line| line.text).collect::<Vec<_>>()
        };

        assert_eq!(read(320), ["• פריט", "• פריט"]);
        assert_eq!(read(80), ["פריט", "פריט"]);
    }

    #[test]
    fn nonsense_boxes_are_left_alone() {
        let rect = Rect { x0: f32::NAN, y0: -1e9, x1: f32::INFINITY, y1: 1e9 };
        let lines = vec![Line { rect, ..Line::default() }; 2];

        assert_eq!(with_bullets(&page(&[(80, 50)], 7), lines, &BulletParams::default()).len(), 2);
    }
}
