//! How far the lines of a page lean.
//!
//! The median over the lines, each counted by its length, of the angle of the rectangle around it: as docstrum takes the
//! skew from its nearest neighbours (O'Gorman, "The document spectrum for page layout analysis", 1993), with the lines of
//! the detection network in their place. A median is not moved by the lines of a stamp or a figure.

use quire_proto::Quad;

/// When a page leans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SkewParams {
    /// Lines shorter than this many times their height say little. Default 5.
    pub clear_aspect: f32,
    /// Fewer such lines say nothing. Default 3.
    pub least_lines: usize,
    /// Lines within this many degrees of the median agree with it. Default 1.
    pub agreement: f32,
    /// Share of the length of all lines that must agree. Default 0.5.
    pub agreeing_share: f32,
    /// Degrees below which a page is level: nothing that looks at it sees the difference. Default 0.2.
    pub least: f32,
    /// Degrees above which it is no scan that was fed askew. Default 15.
    pub most: f32,
}

impl Default for SkewParams {
    fn default() -> Self {
        Self {
            clear_aspect: 5.0,
            least_lines: 3,
            agreement: 1.0,
            agreeing_share: 0.5,
            least: 0.2,
            most: 15.0,
        }
    }
}

/// By how many degrees the `lines` of a page lean clockwise; `None` for a level page.
///
/// The page is turned so that they run from left to right.
pub fn page_skew(lines: &[Quad], params: &SkewParams) -> Option<f32> {
    let mut leans: Vec<Lean> = lines.iter().filter_map(|line| Lean::of(line, params)).collect();
    if leans.len() < params.least_lines {
        return None;
    }
    let median = weighted_median(&mut leans)?;
    let length = |near: f32| -> f32 {
        let near = leans.iter().filter(|lean| (lean.degrees - median).abs() <= near);
        near.map(|lean| lean.length).sum()
    };
    let agreed = length(params.agreement) >= params.agreeing_share * length(f32::INFINITY);
    (agreed && (params.least..=params.most).contains(&median.abs())).then_some(median)
}

/// The angle of a line, and how much it counts.
struct Lean {
    degrees: f32,
    length: f32,
}

impl Lean {
    fn of(line: &Quad, params: &SkewParams) -> Option<Self> {
        let (start, end) = (line.at(0.0, 0.5), line.at(1.0, 0.5));
        let (degrees, length) = ((end.y - start.y).atan2(end.x - start.x).to_degrees(), start.distance(end));
        let clear = degrees.is_finite() && length >= params.clear_aspect * line.height();
        clear.then_some(Self { degrees, length })
    }
}

/// The angle with half of the length on either side of it.
fn weighted_median(leans: &mut [Lean]) -> Option<f32> {
    leans.sort_by(|a, b| a.degrees.total_cmp(&b.degrees));
    let half = leans.iter().map(|lean| lean.length).sum::<f32>() / 2.0;
    let mut passed = 0.0;
    leans.iter().find_map(|lean| {
        passed += lean.length;
        (passed >= half).then_some(lean.degrees)
    })
}

#[cfg(test)]
mod tests {
    use quire_proto::{Motion, Point, Rect};

    use super::*;

    /// Lines of 600 × 20 pixels, each leaning by its own angle.
    fn lines(leans: &[f32]) -> Vec<Quad> {
        let line = |(row, degrees): (usize, &f32)| {
            let rect = Rect::new(100.0, 40.0 * row as f32, 700.0, 40.0 * row as f32 + 20.0);
            let about = rect.center();
            Motion::tilt(*degrees, about, about).quad(&Quad::from(rect))
        };
        leans.iter().enumerate().map(line).collect()
    }

    fn skew(quads: &[Quad]) -> Option<f32> {
        page_skew(quads, &SkewParams::default())
    }

    #[test]
    fn most_of_the_lines_say_how_far_the_page_leans() {
        let quads = lines(&[1.5, 1.6, -20.0, 1.4, 1.5, 9.0, 1.5]);

        assert!((skew(&quads).unwrap() - 1.5).abs() < 0.01, "{:?}", skew(&quads));
    }

    #[test]
    fn level_pages_diagonal_text_and_lines_that_disagree_are_left_alone() {
        assert_eq!(skew(&lines(&[0.1, 0.15, 0.0, 0.1])), None);
        assert_eq!(skew(&lines(&[30.0; 6])), None);
        assert_eq!(skew(&lines(&[-9.0, -6.0, -3.0, 3.0, 6.0, 9.0])), None);
        assert_eq!(skew(&lines(&[2.0; 2])), None);
        assert_eq!(skew(&[Quad([Point::new(f32::NAN, 0.0); 4]); 9]), None);
    }

    #[test]
    fn short_words_do_not_count() {
        let mut quads = lines(&[1.0; 4]);
        quads.extend(vec![Quad::from(Rect::new(0.0, 0.0, 60.0, 20.0)); 50]);

        assert!(skew(&quads).is_some());
    }
}
