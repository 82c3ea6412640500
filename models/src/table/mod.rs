//! Table structure: the picture of a table in, its rows, columns and spans out.
//!
//! ```text
//!  crop ─▶ preprocess ─▶ [1, 3, 488, 488] ─▶ TableReader::run ─▶ tokens, boxes ─▶ decode ─▶ TableStructure
//! ```
//!
//! The network writes HTML, token by token. Whatever it writes, the answer is a grid without overlaps.

mod decode;
mod grid;
mod vocabulary;

use quire_proto::Rect;
use quire_raster::Raster;

pub use decode::decode;
pub use vocabulary::Vocabulary;

use crate::{
    detect::write_planes,
    error::ModelError,
    manifest::{Channels, Model, Normalise},
    session::{Session, Tensor},
};

/// Numbers per step in the network's boxes: four corners.
const BOX_LEN: usize = 8;

/// How tables are scaled and their structure is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TableParams {
    /// Side of the network's square input. Default 488.
    pub side: u32,
    /// Most rows of a table; what follows is dropped. Default 500.
    pub max_rows: u32,
    /// Most columns of a table; wider spans are cut. Default 100.
    pub max_columns: u32,
    /// How pixels become numbers.
    pub normalise: Normalise,
}

impl TableParams {
    /// The geometry of `model`, with default limits.
    pub fn new(model: &Model) -> Self {
        Self { side: model.input.width.length(), normalise: model.normalise, ..Self::default() }
    }
}

impl Default for TableParams {
    fn default() -> Self {
        let normalise =
            Normalise { channels: Channels::Bgr, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
        Self { side: 488, max_rows: 500, max_columns: 100, normalise }
    }
}

/// Scales the picture of a table into the top left of the network's square; the rest is zero, as in training.
pub fn preprocess(table: &Raster, params: &TableParams) -> Result<Tensor, ModelError> {
    let side = params.side as usize;
    let long = table.width().max(table.height()).max(1);
    let scaled_side =
        |length: u32| (u64::from(length) * u64::from(params.side) / u64::from(long)).max(1) as u32;
    let (width, height) = (scaled_side(table.width()), scaled_side(table.height()));
    let mut data = vec![0.0; 3 * side * side];
    if table.byte_len() > 0 {
        let scaled = table.resized(width, height)?;
        write_planes(&mut data, side, scaled.bytes(), width as usize, &params.normalise);
    }
    Tensor::f32([1, 3, side, side], data)
}

/// One token that the network wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TableStep {
    /// Index into the [`Vocabulary`].
    pub token: u32,
    /// Probability of that token, 0 to 1.
    pub probability: f32,
    /// Where the cell that it opens is: upright rectangle in shares of the network's square.
    pub area: Rect,
}

/// The table structure network.
pub struct TableReader<S> {
    session: S,
}

impl<S: Session> TableReader<S> {
    /// Wraps a loaded network.
    pub const fn new(session: S) -> Self {
        Self { session }
    }

    /// Runs a batch of tables `[tables, 3, side, side]`; the steps of each, in order.
    pub fn run(&mut self, batch: Tensor) -> Result<Vec<Vec<TableStep>>, ModelError> {
        let tables = batch.shape.first().copied().unwrap_or(0);
        if tables == 0 {
            return Ok(Vec::new());
        }
        let outputs = self.session.run(batch)?;
        steps(&outputs, tables).ok_or_else(|| ModelError::Output {
            model: "table".to_owned(),
            expected: format!("[{tables}, steps, 8] and [{tables}, steps, tokens]"),
            actual: format!("{:?}", outputs.iter().map(|output| &output.shape).collect::<Vec<_>>()),
        })
    }
}

/// The best token of every step.
fn steps(outputs: &[Tensor], tables: usize) -> Option<Vec<Vec<TableStep>>> {
    let (boxes, tokens) = (outputs.first()?, outputs.get(1)?);
    let &[box_tables, box_steps, BOX_LEN] = boxes.shape.as_slice() else { return None };
    let &[token_tables, token_steps, classes] = tokens.shape.as_slice() else { return None };
    if box_tables != tables || token_tables != tables || box_steps != token_steps || classes == 0 {
        return None;
    }
    let step = |(corners, scores): (&[f32], &[f32])| {
        let best = scores.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
        let (token, probability) = best.unwrap_or_default();
        TableStep { token: token as u32, probability, area: area(corners) }
    };
    let all: Vec<_> =
        boxes.as_f32()?.chunks_exact(BOX_LEN).zip(tokens.as_f32()?.chunks_exact(classes)).map(step).collect();
    let per_table = token_steps.max(1);
    Some(
        (0..tables)
            .map(|table| all.iter().skip(table * token_steps).take(per_table).copied().collect())
            .collect(),
    )
}

/// The upright rectangle around four corners; empty when the network gave no numbers.
fn area(corners: &[f32]) -> Rect {
    let edge = |first: usize, pick: fn(f32, f32) -> f32| {
        corners
            .iter()
            .skip(first)
            .step_by(2)
            .copied()
            .filter(|value| value.is_finite())
            .reduce(pick)
            .unwrap_or(0.0)
    };
    Rect { x0: edge(0, f32::min), y0: edge(1, f32::min), x1: edge(0, f32::max), y1: edge(1, f32::max) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_table_fills_the_width_and_leaves_zeros_below() {
        let tensor = preprocess(&Raster::white(976, 244), &TableParams::default()).unwrap();

        let data = tensor.as_f32().unwrap();
        assert_eq!(tensor.shape, [1, 3, 488, 488]);
        assert!(data[..122 * 488].iter().all(|&value| (value - 2.2489).abs() < 1e-3));
        assert!(data[122 * 488..488 * 488].iter().all(|&value| value == 0.0));
    }

    #[test]
    fn an_empty_picture_is_still_an_input() {
        assert!(preprocess(&Raster::white(0, 10), &TableParams::default()).is_ok());
    }
}
