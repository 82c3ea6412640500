//! Skew: how far the lines of a scan lean, and coordinates in which they do not.

use quire_proto::{Point, Rect, record::Line};

/// Lines shorter than this many times their height say little about the skew.
const MIN_ASPECT: f32 = 6.0;
/// Steeper than this is not a skewed scan but turned text.
const MAX_SLOPE: f32 = 0.1;
/// Flatter than this (a quarter of a degree) is left alone.
const MIN_SLOPE: f32 = 0.004;

/// Turns page coordinates into coordinates in which lines are level.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Deskew {
    slope: f32,
    about: Point,
}

impl Deskew {
    /// The median slope of the longer lines, from the middles of their first and last words.
    pub(crate) fn of(lines: &[Line], width: f32, height: f32) -> Self {
        let mut slopes: Vec<f32> = lines.iter().filter_map(slope).collect();
        let slope = if slopes.len() < 3 {
            0.0
        } else {
            let middle = slopes.len() / 2;
            *slopes.select_nth_unstable_by(middle, f32::total_cmp).1
        };
        let slope = if (MIN_SLOPE..MAX_SLOPE).contains(&slope.abs()) { slope } else { 0.0 };
        Self { slope, about: Point::new(width / 2.0, height / 2.0) }
    }

    /// `rect` moved to where its middle belongs; its size stays.
    pub(crate) fn rect(&self, rect: &Rect) -> Rect {
        let middle = rect.center();
        let dx = self.slope * (middle.y - self.about.y);
        let dy = -self.slope * (middle.x - self.about.x);
        Rect { x0: rect.x0 + dx, y0: rect.y0 + dy, x1: rect.x1 + dx, y1: rect.y1 + dy }
    }

    /// The level box of a line, made of its words: a leaning line's own box is as high as it leans.
    pub(crate) fn line(&self, line: &Line) -> Rect {
        if self.slope == 0.0 || line.words.is_empty() {
            return self.rect(&line.rect);
        }
        let words: Vec<Rect> = line.words.iter().map(|word| self.word(&word.rect)).collect();
        Rect::around(&words).unwrap_or_else(|| self.rect(&line.rect))
    }

    fn word(&self, rect: &Rect) -> Rect {
        let level = self.rect(rect);
        let lean = (self.slope.abs() * rect.width()).min(rect.height() * 0.5) / 2.0;
        Rect { y0: level.y0 + lean, y1: level.y1 - lean, ..level }
    }
}

fn slope(line: &Line) -> Option<f32> {
    let (first, last) = (line.words.first()?.rect, line.words.last()?.rect);
    let (a, b) = (first.center(), last.center());
    let run = b.x - a.x;
    let long = run > MIN_ASPECT * first.height().min(last.height());
    let rise = (b.y - a.y) / run;
    (long && rise.is_finite()).then_some(rise)
}

#[cfg(test)]
mod tests {
    use quire_proto::record::Word;

    use super::*;

    fn leaning(y: f32, slope: f32) -> Line {
        let words: Vec<Word> = (0..10)
            .map(|at| {
                let x = 100.0 + 80.0 * at as f32;
                let top = y + slope * x;
                Word { text: "word".into(), rect: Rect::new(x, top, x + 70.0, top + 20.0), ..Word::default() }
            })
            .collect();
        let rect = Rect::around(words.iter().map(|word| &word.rect)).unwrap();
        Line { text: String::new(), rect, words, ..Line::default() }
    }

    #[test]
    fn leaning_lines_become_level() {
        let lines: Vec<Line> = (0..20).map(|row| leaning(100.0 + 40.0 * row as f32, 0.05)).collect();

        let deskew = Deskew::of(&lines, 1000.0, 1400.0);

        for line in &lines {
            assert!(deskew.line(line).height() < 26.0, "{:?}", deskew.line(line));
        }
    }

    #[test]
    fn level_lines_stay_where_they_are() {
        let lines: Vec<Line> = (0..20).map(|row| leaning(100.0 + 40.0 * row as f32, 0.0)).collect();

        let deskew = Deskew::of(&lines, 1000.0, 1400.0);

        assert_eq!(deskew.line(&lines[3]), lines[3].rect);
    }
}
