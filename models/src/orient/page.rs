//! The turn that sets a page upright, from its boxes and a sample of its lines.

use quire_proto::{Quad, Rotation};

use super::HalfTurn;
use crate::manifest::Model;

/// How much evidence turns a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrientParams {
    /// Boxes count for the axis when one side is this many times the other. Default 2.
    pub clear_aspect: f32,
    /// The page is sideways when tall boxes hold at least this share of the boxes' total length. Default 0.6.
    pub sideways_share: f32,
    /// Most lines that are looked at more closely. Default 8.
    pub sample: usize,
    /// Lines of about this length over height are looked at first: shorter ones say little, longer ones cost
    /// more and are squeezed for the network. Default 6.
    pub telling_aspect: f32,
    /// The network's mean vote must be this far from even to count as sure. Default 0.3.
    pub sure_vote: f32,
    /// The mean confidences of both readings must differ by this much to count as sure. Default 0.1.
    pub sure_confidence: f32,
    /// The colour beside a short line. Default grey, as in training.
    pub ground: [u8; 3],
}

impl OrientParams {
    /// The ground colour of `model`, with default thresholds.
    pub fn new(model: &Model) -> Self {
        Self { ground: model.normalise.zero(), ..Self::default() }
    }
}

impl Default for OrientParams {
    fn default() -> Self {
        Self {
            clear_aspect: 2.0,
            sideways_share: 0.6,
            sample: 8,
            telling_aspect: 6.0,
            sure_vote: 0.3,
            sure_confidence: 0.1,
            ground: [128; 3],
        }
    }
}

/// Along which axis of the page its lines run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadingAxis {
    /// Most lines are wide boxes.
    #[default]
    Upright,
    /// Most lines are tall boxes.
    Sideways,
}

/// Whether lines are upside down, as far as one kind of evidence tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verdict {
    /// They read as they are.
    RightWayUp,
    /// They read when turned by 180°.
    UpsideDown,
    /// The evidence does not tell.
    #[default]
    Unsure,
}

/// Tells upright from sideways by the shape of the boxes, weighted by their length.
pub fn reading_axis(quads: &[Quad], params: &OrientParams) -> ReadingAxis {
    let (mut wide, mut tall) = (0.0, 0.0);
    for quad in quads {
        let (width, height) = (quad.width(), quad.height());
        if width >= params.clear_aspect * height {
            wide += width;
        } else if height >= params.clear_aspect * width {
            tall += height;
        }
    }
    if tall > 0.0 && tall >= params.sideways_share * (wide + tall) {
        ReadingAxis::Sideways
    } else {
        ReadingAxis::Upright
    }
}

/// The lines worth a closer look: those that run along `axis`, the most telling first.
///
/// Returns their indices, at most `params.sample`.
pub fn sample(quads: &[Quad], axis: ReadingAxis, params: &OrientParams) -> Vec<usize> {
    let aspect = |quad: &Quad| match axis {
        ReadingAxis::Upright => quad.width() / quad.height(),
        ReadingAxis::Sideways => quad.height() / quad.width(),
    };
    let aspects = quads.iter().map(aspect).enumerate();
    let mut lines: Vec<(usize, f32)> =
        aspects.filter(|(_, aspect)| aspect.is_finite() && *aspect > 1.0).collect();
    let distance = |aspect: f32| (aspect / params.telling_aspect).ln().abs();
    lines.sort_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
    lines.into_iter().take(params.sample).map(|(index, _)| index).collect()
}

/// What the orientation network says about the sample.
pub fn half_from_votes(votes: &[HalfTurn], params: &OrientParams) -> Verdict {
    let lean = mean(votes.iter().map(|vote| vote.0)).map(|upside_down| upside_down - 0.5);
    verdict(lean, params.sure_vote)
}

/// What the recogniser's confidences say: the sample read as it is, and the same lines read turned by 180°.
pub fn half_from_confidence(as_is: &[f32], turned: &[f32], params: &OrientParams) -> Verdict {
    let lean =
        mean(turned.iter().copied()).zip(mean(as_is.iter().copied())).map(|(turned, as_is)| turned - as_is);
    verdict(lean, params.sure_confidence)
}

/// The clockwise turn that sets the page upright.
///
/// Lines of a sideways page are taken to run downwards, as `rectify` cuts them out; `half` speaks of lines so cut.
pub fn page_rotation(axis: ReadingAxis, half: Verdict) -> Rotation {
    match (axis, half) {
        (ReadingAxis::Upright, Verdict::UpsideDown) => Rotation::Half,
        (ReadingAxis::Upright, _) => Rotation::None,
        (ReadingAxis::Sideways, Verdict::UpsideDown) => Rotation::Quarter,
        (ReadingAxis::Sideways, _) => Rotation::ThreeQuarters,
    }
}

fn verdict(lean: Option<f32>, sure: f32) -> Verdict {
    match lean {
        Some(lean) if lean >= sure => Verdict::UpsideDown,
        Some(lean) if lean <= -sure => Verdict::RightWayUp,
        _ => Verdict::Unsure,
    }
}

fn mean(values: impl Iterator<Item = f32>) -> Option<f32> {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / count as f32)
}

#[cfg(test)]
mod tests {
    use quire_proto::Rect;

    use super::*;

    fn lines(count: usize, width: f32, height: f32) -> Vec<Quad> {
        (0..count).map(|i| Quad::from(Rect::new(0.0, 0.0, width + i as f32, height))).collect()
    }

    #[test]
    fn long_lines_outweigh_short_vertical_labels() {
        let params = OrientParams::default();
        let mut quads = lines(5, 400.0, 20.0);
        quads.extend(lines(8, 20.0, 60.0));

        assert_eq!(reading_axis(&quads, &params), ReadingAxis::Upright);
        assert_eq!(reading_axis(&lines(5, 20.0, 400.0), &params), ReadingAxis::Sideways);
        assert_eq!(reading_axis(&[], &params), ReadingAxis::Upright);
    }

    #[test]
    fn the_sample_is_lines_along_the_axis_neither_short_nor_long() {
        let params = OrientParams { sample: 2, ..OrientParams::default() };
        let widths = [30.0, 2000.0, 110.0, 130.0];
        let mut quads: Vec<Quad> = widths.iter().flat_map(|&width| lines(1, width, 20.0)).collect();
        quads.extend(lines(1, 20.0, 900.0));

        assert_eq!(sample(&quads, ReadingAxis::Upright, &params), [3, 2]);
        assert_eq!(sample(&quads, ReadingAxis::Sideways, &params), [4]);
        assert!(sample(&[Quad::default()], ReadingAxis::Upright, &params).is_empty());
    }

    #[test]
    fn only_clear_evidence_turns_a_line() {
        let params = OrientParams::default();

        assert_eq!(
            half_from_votes(&[HalfTurn(0.99), HalfTurn(0.9), HalfTurn(0.6)], &params),
            Verdict::UpsideDown
        );
        assert_eq!(half_from_votes(&[HalfTurn(0.6), HalfTurn(0.5)], &params), Verdict::Unsure);
        assert_eq!(half_from_votes(&[], &params), Verdict::Unsure);
        assert_eq!(half_from_confidence(&[0.9, 0.95], &[0.4, 0.5], &params), Verdict::RightWayUp);
        assert_eq!(half_from_confidence(&[0.5], &[0.97], &params), Verdict::UpsideDown);
        assert_eq!(half_from_confidence(&[0.5], &[], &params), Verdict::Unsure);
    }

    #[test]
    fn without_evidence_a_page_stays_as_it_is() {
        assert_eq!(page_rotation(ReadingAxis::default(), Verdict::default()), Rotation::None);
        assert_eq!(page_rotation(ReadingAxis::Sideways, Verdict::RightWayUp), Rotation::ThreeQuarters);
        assert_eq!(page_rotation(ReadingAxis::Sideways, Verdict::UpsideDown), Rotation::Quarter);
    }
}
