//! Text detection: a page in, the quadrilaterals of its lines out.
//!
//! ```text
//!  page ─▶ preprocess ─▶ DetectInput ─▶ Detector::run ─▶ ProbMap ─▶ decode ─▶ lines
//!          resize         one canvas     batch of one     text-ness   components,
//!                         of a few       canvas           per pixel   rectangles
//! ```
//!
//! Quadrilaterals are in pixels of the page that went in; what was padded never comes out.

mod components;
mod decode;
mod min_rect;

use quire_raster::Raster;

pub use decode::{DetectedLine, decode};

use crate::{
    error::ModelError,
    manifest::Model,
    pictures::Pictures,
    session::{Session, Tensor},
};

/// The paper beside a page.
const WHITE: [u8; 3] = [255; 3];

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
}

impl DetectParams {
    /// The geometry of `model`, with default thresholds.
    pub fn new(model: &Model) -> Self {
        let default = Self::default();
        let multiple = model.input.width.length().max(model.input.height.length()).max(1);
        Self { side_step: default.side_step.next_multiple_of(multiple), ..default }
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
        }
    }
}

/// A page ready for the network.
#[derive(Clone, Debug)]
pub struct DetectInput {
    /// The scaled page.
    pub picture: Raster,
    /// Width and height of the network's picture: inputs of one canvas run in one batch.
    pub canvas: (u32, u32),
    /// What is page in it.
    pub frame: Frame,
}

/// Where the page lies in the network's picture of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// The page in pixels, width and height.
    pub page: (u32, u32),
    /// The scaled page at the top left of the picture; the rest is padding.
    pub scaled: (u32, u32),
}

/// Scales `page` for one of a few canvases.
pub fn preprocess(page: &Raster, params: &DetectParams) -> Result<DetectInput, ModelError> {
    let step = params.side_step.max(1);
    let long = page.width().max(page.height()).max(1) as f32;
    let scale = (params.limit_side as f32 / long).min(params.max_enlargement);
    let side = |length: u32| ((length as f32 * scale).round() as u32).max(1);
    let (width, height) = (side(page.width()), side(page.height()));
    let picture =
        if page.byte_len() == 0 { Raster::white(width, height) } else { page.resized(width, height)? };
    Ok(DetectInput {
        picture,
        canvas: (width.next_multiple_of(step), height.next_multiple_of(step)),
        frame: Frame { page: (page.width(), page.height()), scaled: (width, height) },
    })
}

/// Text-ness of every pixel of the network's picture, 0 to 255.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbMap {
    /// Width of the map, padding included.
    pub width: usize,
    /// Height of the map, padding included.
    pub height: usize,
    /// Row by row.
    pub values: Vec<u8>,
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

    /// Runs inputs of one canvas; one map per input, in order.
    pub fn run(&mut self, inputs: &[DetectInput]) -> Result<Vec<ProbMap>, ModelError> {
        let Some(canvas) = inputs.first().map(|input| input.canvas) else { return Ok(Vec::new()) };
        let pictures = Pictures::new(canvas, WHITE, inputs.iter().map(|input| &input.picture));
        let (width, height) = pictures.size();
        let outputs = self.session.run(&pictures)?;
        let values = outputs.first().and_then(Tensor::as_u8).unwrap_or_default();
        let area = height * width;
        if area == 0 || values.len() != inputs.len() * area {
            return Err(ModelError::Output {
                model: "detect".to_owned(),
                expected: format!("{} maps of {height} x {width} bytes (step \"levels\")", inputs.len()),
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
    fn pages_of_one_format_share_a_canvas() {
        let params = DetectParams::default();

        let canvases = [(1654, 2339), (1655, 2339), (1653, 2338)]
            .map(|(width, height)| preprocess(&Raster::white(width, height), &params).unwrap().canvas);

        assert!(canvases.iter().all(|canvas| *canvas == canvases[0]), "{canvases:?}");
        assert_eq!((canvases[0].0 % 32, canvases[0].1 % 32), (0, 0));
    }

    #[test]
    fn a_small_image_is_enlarged_only_so_far() {
        let input = preprocess(&Raster::white(100, 50), &DetectParams::default()).unwrap();

        assert_eq!(input.frame, Frame { page: (100, 50), scaled: (200, 100) });
    }

    #[test]
    fn an_empty_page_is_still_an_input() {
        let input = preprocess(&Raster::white(0, 0), &DetectParams::default()).unwrap();

        assert_eq!(input.canvas, (64, 64));
    }
}
