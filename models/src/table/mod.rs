//! Table structure: the picture of a table in, its rows, columns and spans out.
//!
//! ```text
//!  crop ─▶ preprocess ─▶ picture ─▶ TableReader::run ─▶ tokens, boxes ─▶ decode ─▶ TableStructure
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
    error::ModelError,
    manifest::Model,
    pictures::Pictures,
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
    /// The colour beside the table. Default the mean of the pictures in training.
    pub ground: [u8; 3],
}

impl TableParams {
    /// The geometry of `model`, with default limits.
    pub fn new(model: &Model) -> Self {
        Self { side: model.input.width.length(), ground: model.normalise.zero(), ..Self::default() }
    }
}

impl Default for TableParams {
    fn default() -> Self {
        Self { side: 488, max_rows: 500, max_columns: 100, ground: [104, 116, 124] }
    }
}

/// Scales the picture of a table until its long side fills the network's square.
pub fn preprocess(table: &Raster, params: &TableParams) -> Result<Raster, ModelError> {
    let long = table.width().max(table.height()).max(1);
    let scaled_side =
        |length: u32| (u64::from(length) * u64::from(params.side) / u64::from(long)).max(1) as u32;
    if table.byte_len() == 0 {
        return Ok(Raster::white(0, 0));
    }
    Ok(table.resized(scaled_side(table.width()), scaled_side(table.height()))?)
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

    /// Runs tables made by [`preprocess`]; the steps of each, in order.
    pub fn run(
        &mut self,
        tables: &[Raster],
        params: &TableParams,
    ) -> Result<Vec<Vec<TableStep>>, ModelError> {
        if tables.is_empty() {
            return Ok(Vec::new());
        }
        let outputs = self.session.run(&Pictures::new((params.side, params.side), params.ground, tables))?;
        steps(&outputs, tables.len()).ok_or_else(|| ModelError::Output {
            model: "table".to_owned(),
            expected: format!("[{0}, steps, 8] and [{0}, steps, tokens]", tables.len()),
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
    fn a_wide_table_fills_the_width() {
        let picture = preprocess(&Raster::white(976, 244), &TableParams::default()).unwrap();

        assert_eq!((picture.width(), picture.height()), (488, 122));
    }

    #[test]
    fn an_empty_picture_is_still_an_input() {
        assert!(preprocess(&Raster::white(0, 10), &TableParams::default()).is_ok());
    }
}
