//! Text recognition: the lines of a page in, their text with word boxes out.
//!
//! ```text
//!  page, quad ─▶ rectify ─▶ LineImage ─▶ Recognizer::run ─▶ CtcPath ─▶ decode ─▶ text, words
//!                48 high     any width    one bucket          best class   collapse, gaps
//!                            sorted       of widths           per column   in the ink
//! ```
//!
//! A line's answer does not depend on which other lines share its batch, only on its bucket.

mod alphabet;
mod decode;
mod ink;
mod line_image;
mod pieces;
mod spaces;
mod wider;

pub use alphabet::Alphabet;
pub use decode::{RecognizedLine, RecognizedWord, decode};
pub use line_image::{LineImage, rectify};
pub use pieces::{meet_with_space, pieces};
pub use spaces::SpaceParams;
pub use wider::{is_crowded, wider};

use crate::{
    error::ModelError,
    manifest::{Model, Platt},
    pictures::Pictures,
    session::{Session, Tensor},
};

/// Height of a line as the network sees it.
pub const LINE_HEIGHT: u32 = 48;

/// Pixels of the line per column of the answer.
pub const COLUMN_WIDTH: u32 = 8;

/// How lines are cut out, batched and read.
#[derive(Clone, Debug, PartialEq)]
pub struct RecognizeParams {
    /// Widths of the network's input, ascending; a line runs in the smallest that holds it, and a line
    /// wider than the largest is read in pieces. Fewer widths mean fewer shapes to warm up and more padding.
    pub widths: Vec<u32>,
    /// Width of a line over its natural width at 48 pixels height: below 1 is faster and a little less exact.
    /// Default 0.8: a quarter less work for one more wrong character in about 2,000; at 0.65 narrow letters merge.
    pub squeeze: f32,
    /// Columns of the answer per character below which letters merge: such a line, of condensed print or with much paper
    /// above or below it, is read again [`wider`]. Default 2: double letters need a column between them.
    pub crowded: f32,
    /// How much wider it is then. Default 2.
    pub widened: f32,
    /// Boxes taller than this times their width hold text that runs downwards, and are turned. Default 1.5.
    pub tall_ratio: f32,
    /// Empty margin left on both sides of the ink, in pixels of the line. Default 8.
    pub margin: u32,
    /// When a gap in the ink is a space that the network did not write.
    pub spaces: SpaceParams,
    /// What its confidence in a word means; without it, that is what the network says.
    pub confidence: Option<Platt>,
    /// The colour beside a line that does not fill its bucket. Default grey, as in training.
    pub ground: [u8; 3],
}

impl Default for RecognizeParams {
    fn default() -> Self {
        let steps = |from: u32, to: u32, step: usize| (from..=to).step_by(step);
        let widths = steps(96, 768, 32).chain(steps(832, 1536, 64)).chain(steps(1664, 3200, 128)).collect();
        Self {
            widths,
            squeeze: 0.8,
            crowded: 2.0,
            widened: 2.0,
            tall_ratio: 1.5,
            margin: 8,
            spaces: SpaceParams::default(),
            confidence: None,
            ground: [128; 3],
        }
    }
}

impl RecognizeParams {
    /// The ground colour and calibration of `model`, with default geometry and thresholds.
    pub fn new(model: &Model) -> Self {
        Self { ground: model.normalise.zero(), confidence: model.confidence, ..Self::default() }
    }

    /// The width at which a line of `width` pixels runs.
    pub fn bucket(&self, width: u32) -> u32 {
        let fits = self.widths.iter().copied().find(|&bucket| bucket >= width);
        fits.or(self.widths.last().copied()).unwrap_or(width)
    }

    fn largest(&self) -> u32 {
        self.widths.last().copied().unwrap_or(u32::MAX).max(COLUMN_WIDTH)
    }
}

/// The network's answer for one line: the best class of each column, and how sure it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CtcPath {
    /// Class per column; see [`Alphabet`].
    pub classes: Vec<u32>,
    /// Probability of that class, 0 to 1.
    pub probabilities: Vec<f32>,
}

/// The recognition network, its graph prepared to answer with the best class per column.
pub struct Recognizer<S> {
    session: S,
}

impl<S: Session> Recognizer<S> {
    /// Wraps a loaded network.
    pub const fn new(session: S) -> Self {
        Self { session }
    }

    /// Runs lines on canvases of the width `bucket`; one path per line, in order. What is wider is cut off.
    pub fn run(
        &mut self,
        lines: &[&LineImage],
        bucket: u32,
        params: &RecognizeParams,
    ) -> Result<Vec<CtcPath>, ModelError> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let pictures = Pictures::new((bucket, LINE_HEIGHT), params.ground, lines.iter().copied());
        let outputs = self.session.run(&pictures)?;
        paths(&outputs, lines.len()).ok_or_else(|| ModelError::Output {
            model: "recognize".to_owned(),
            expected: format!("classes (i64) and probabilities (f32) of {} lines", lines.len()),
            actual: format!("{:?}", outputs.iter().map(|output| &output.shape).collect::<Vec<_>>()),
        })
    }
}

fn paths(outputs: &[Tensor], lines: usize) -> Option<Vec<CtcPath>> {
    let classes = outputs.iter().find_map(Tensor::as_i64)?;
    let probabilities = outputs.iter().find_map(Tensor::as_f32)?;
    let columns = classes.len() / lines;
    if columns == 0 || classes.len() != lines * columns || probabilities.len() != classes.len() {
        return None;
    }
    let path = |(classes, probabilities): (&[i64], &[f32])| CtcPath {
        classes: classes.iter().map(|&class| u32::try_from(class).unwrap_or(0)).collect(),
        probabilities: probabilities.to_vec(),
    };
    Some(classes.chunks_exact(columns).zip(probabilities.chunks_exact(columns)).map(path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_runs_in_the_smallest_width_that_holds_it() {
        let params = RecognizeParams { widths: vec![160, 320], ..RecognizeParams::default() };

        assert_eq!([1, 160, 161, 5000].map(|width| params.bucket(width)), [160, 160, 320, 320]);
    }

    #[test]
    fn default_widths_ascend_and_fill_whole_columns() {
        let widths = RecognizeParams::default().widths;

        assert!(widths.is_sorted_by(|a, b| a < b), "{widths:?}");
        assert!(widths.iter().all(|width| width % COLUMN_WIDTH == 0));
    }

    #[test]
    fn an_answer_of_another_shape_is_an_error() {
        struct Mute;
        impl Session for Mute {
            fn run(&mut self, _: &Pictures<'_>) -> Result<Vec<Tensor>, ModelError> {
                Ok(Vec::new())
            }
        }

        let answer = Recognizer::new(Mute).run(&[&LineImage::default()], 96, &RecognizeParams::default());

        assert!(matches!(answer, Err(ModelError::Output { .. })), "{answer:?}");
    }
}
