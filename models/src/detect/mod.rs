//! Text detection: a page in, the quadrilaterals of its lines out.
//!
//! ```text
//!  page ─▶ preprocess ─▶ DetectInput ─▶ Detector::run ─▶ ProbMap ─▶ decode ─▶ lines
//!          resize, pad    one bucket     batch of one     text-ness   components,
//!                         of shapes      shape            per pixel   rectangles
//! ```
//!
//! Quadrilaterals are in pixels of the page that went in; what was padded never comes out.

mod components;
mod decode;
mod min_rect;
mod planes;

use quire_raster::Raster;

pub use decode::{DetectedLine, decode};
pub(crate) use planes::{SYMMETRIC, write_planes};

use crate::{
    error::ModelError,
    manifest::{Model, Normalise},
    session::{Session, Tensor},
};

/// How pages are scaled for the network and how its map is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetectParams {
    /// Long side of the page as the network sees it, in pixels: smaller is faster and misses small print.
    /// Default 1280.
    pub limit_side: u32,
    /// How far small images are enlarged to reach `limit_side`. Default 2.
    pub max_enlargement: f32,
    /// Sides are padded up to a multiple of this, itself a multiple of 32, so that shapes repeat. Default 64.
    pub side_step: u32,
    /// Map values above this are text. Default 0.3.
    pub threshold: f32,
    /// Lines whose mean map value is below this are dropped. Default 0.5.
    pub box_threshold: f32,
    /// The network marks the core of a line; the rectangle grows by area × this / perimeter. Default 1.6.
    pub unclip_ratio: f32,
    /// Cores thinner than this many map pixels are noise. Default 3.
    pub min_side: f32,
    /// Most lines of a page; the rest is dropped, smallest first. Default 3000.
    pub max_lines: usize,
    /// How pixels become numbers.
    pub normalise: Normalise,
}

impl DetectParams {
    /// The geometry of `model`, with default thresholds.
    pub fn new(model: &Model) -> Self {
        let default = Self::default();
        let multiple = model.input.width.length().max(model.input.height.length()).max(1);
        Self {
            side_step: default.side_step.next_multiple_of(multiple),
            normalise: model.normalise,
            ..default
        }
    }
}

impl Default for DetectParams {
    fn default() -> Self {
        Self {
            limit_side: 1280,
            max_enlargement: 2.0,
            side_step: 64,
            threshold: 0.3,
            box_threshold: 0.5,
            unclip_ratio: 1.6,
            min_side: 3.0,
            max_lines: 3000,
            normalise: SYMMETRIC,
        }
    }
}

/// A page ready for the network.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectInput {
    /// `[1, 3, height, width]`.
    pub tensor: Tensor,
    /// What is page in it.
    pub frame: Frame,
}

impl DetectInput {
    /// Height and width of the tensor: inputs of one shape run in one batch.
    pub fn bucket(&self) -> (usize, usize) {
        (self.tensor.shape[2], self.tensor.shape[3])
    }
}

/// Where the page lies in the network's picture of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// The page in pixels, width and height.
    pub page: (u32, u32),
    /// The scaled page at the top left of the picture; the rest is padding.
    pub scaled: (u32, u32),
}

/// Scales `page` and pads it into one of a few shapes.
pub fn preprocess(page: &Raster, params: &DetectParams) -> Result<DetectInput, ModelError> {
    let step = params.side_step.max(1);
    let long = page.width().max(page.height()).max(1) as f32;
    let scale = (params.limit_side as f32 / long).min(params.max_enlargement);
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    let (width, height) = (side(page.width()), side(page.height()));
    let (padded_width, padded_height) =
        (width.next_multiple_of(step) as usize, height.next_multiple_of(step) as usize);

    let scaled =
        if page.byte_len() == 0 { Raster::white(width, height) } else { page.resized(width, height)? };
    let white = params.normalise.tables().map(|table| table[255]);
    let area = padded_width * padded_height;
    let mut data: Vec<f32> = white.into_iter().flat_map(|value| std::iter::repeat_n(value, area)).collect();
    write_planes(&mut data, padded_width, scaled.bytes(), width as usize, &params.normalise);
    let tensor = Tensor::f32([1, 3, padded_height, padded_width], data)?;
    Ok(DetectInput { tensor, frame: Frame { page: (page.width(), page.height()), scaled: (width, height) } })
}

/// Text-ness of every pixel of the network's picture, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbMap {
    /// Width of the map, padding included.
    pub width: usize,
    /// Height of the map, padding included.
    pub height: usize,
    /// Row by row.
    pub values: Vec<f32>,
    /// What is page in it.
    pub frame: Frame,
}

/// The detection network.
pub struct Detector<S> {
    session: S,
}

impl<S: Session> Detector<S> {
    /// Wraps a loaded network.
    pub const fn new(session: S) -> Self {
        Self { session }
    }

    /// Runs inputs of one bucket; one map per input, in order.
    pub fn run(&mut self, inputs: &[DetectInput]) -> Result<Vec<ProbMap>, ModelError> {
        let Some(first) = inputs.first() else { return Ok(Vec::new()) };
        let (height, width) = first.bucket();
        let mut data = Vec::with_capacity(inputs.len() * 3 * height * width);
        for input in inputs {
            data.extend_from_slice(input.tensor.as_f32().unwrap_or_default());
        }
        let outputs = self.session.run(Tensor::f32([inputs.len(), 3, height, width], data)?)?;
        let values = outputs.first().and_then(Tensor::as_f32).unwrap_or_default();
        let area = height * width;
        if values.len() != inputs.len() * area {
            return Err(ModelError::Output {
                model: "detect".to_owned(),
                expected: format!("{} maps of {height} x {width}", inputs.len()),
                actual: format!("{:?}", outputs.first().map(|output| &output.shape)),
            });
        }
        Ok(inputs
            .iter()
            .zip(values.chunks_exact(area))
            .map(|(input, map)| ProbMap { width, height, values: map.to_vec(), frame: input.frame })
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_one_format_share_a_bucket() {
        let params = DetectParams::default();

        let buckets = [(1654, 2339), (1655, 2339), (1653, 2338)]
            .map(|(width, height)| preprocess(&Raster::white(width, height), &params).unwrap().bucket());

        assert!(buckets.iter().all(|bucket| *bucket == buckets[0]), "{buckets:?}");
        assert_eq!((buckets[0].0 % 32, buckets[0].1 % 32), (0, 0));
    }

    #[test]
    fn a_small_image_is_enlarged_only_so_far() {
        let input = preprocess(&Raster::white(100, 50), &DetectParams::default()).unwrap();

        assert_eq!(input.frame, Frame { page: (100, 50), scaled: (200, 100) });
    }

    #[test]
    fn an_empty_page_is_still_an_input() {
        let input = preprocess(&Raster::white(0, 0), &DetectParams::default()).unwrap();

        assert_eq!(input.bucket(), (64, 64));
    }
}
