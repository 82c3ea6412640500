//! Layout: page image in, regions out.
//!
//! ```text
//!  page ─▶ preprocess ─▶ picture ─▶ LayoutModel::run ─▶ RawLayout ─▶ decode ─▶ regions
//!          resize to                 one batch           scores and   boxes, the best of
//!          one fixed size                                distances    overlapping ones
//! ```
//!
//! A page's regions do not depend on which other pages share its batch.

mod decode;
mod suppress;

use quire_proto::RegionKind;
use quire_raster::Raster;

pub use decode::decode;

use crate::{
    error::ModelError,
    manifest::{Model, Role},
    pictures::Pictures,
    session::{Session, Tensor},
};

/// How pages are scaled for the network and how its answer is read.
#[derive(Clone, Debug, PartialEq)]
pub struct LayoutParams {
    /// Width of the network's picture.
    pub width: u32,
    /// Height of the network's picture.
    pub height: u32,
    /// What each class is.
    pub labels: Vec<RegionKind>,
    /// Regions less likely than this are dropped: lower finds more tables, and more that are none.
    /// Default 0.4.
    pub min_score: f32,
    /// Of two regions of one kind whose intersection over union is above this, the better one stays.
    /// Default 0.5.
    pub max_overlap: f32,
    /// The same for regions of different kinds: a table seen as a figure too stays a table, but the text
    /// inside a figure stays. Default 0.8.
    pub max_overlap_across_kinds: f32,
    /// Most regions of one kind on a page. Default 100.
    pub max_per_kind: usize,
}

impl LayoutParams {
    /// The geometry and labels of `model`, with default thresholds.
    pub fn new(model: &Model) -> Self {
        Self {
            width: model.input.width.length(),
            height: model.input.height.length(),
            labels: model.labels.clone(),
            min_score: 0.4,
            max_overlap: 0.5,
            max_overlap_across_kinds: 0.8,
            max_per_kind: 100,
        }
    }

    /// Rows and columns of the grid of `stride` pixels.
    fn grid(&self, stride: u32) -> (usize, usize) {
        (self.height.div_ceil(stride) as usize, self.width.div_ceil(stride) as usize)
    }
}

/// Pixels between two cells of each of the network's four grids.
const STRIDES: [u32; 4] = [8, 16, 32, 64];

/// The page, stretched to the network's picture.
pub fn preprocess(page: &Raster, params: &LayoutParams) -> Result<Raster, ModelError> {
    let (width, height) = (params.width, params.height);
    Ok(if page.byte_len() == 0 { Raster::white(width, height) } else { page.resized(width, height)? })
}

/// What the network says about one page, grid by grid.
#[derive(Clone, Debug, PartialEq)]
pub struct RawLayout {
    levels: Vec<Level>,
}

/// One grid of cells.
#[derive(Clone, Debug, PartialEq)]
struct Level {
    stride: u32,
    /// Cells in a row.
    columns: usize,
    /// Distances told apart, in strides from 0 up.
    bins: usize,
    /// For each cell, the score of each class.
    scores: Vec<f32>,
    /// For each cell, how likely each distance is, to the left, top, right and bottom edge.
    distances: Vec<f32>,
}

/// The layout network, its graph prepared for batches.
pub struct LayoutModel<S> {
    session: S,
    params: LayoutParams,
}

impl<S: Session> LayoutModel<S> {
    /// Wraps a loaded network.
    pub const fn new(session: S, params: LayoutParams) -> Self {
        Self { session, params }
    }

    /// How to prepare pages and read answers.
    pub const fn params(&self) -> &LayoutParams {
        &self.params
    }

    /// Runs pictures made by [`preprocess`]; one answer per page, in order.
    pub fn run(&mut self, pages: &[Raster]) -> Result<Vec<RawLayout>, ModelError> {
        if pages.is_empty() {
            return Ok(Vec::new());
        }
        let pictures = Pictures::new((self.params.width, self.params.height), [255; 3], pages);
        let outputs = self.session.run(&pictures)?;
        self.split(&outputs, pages.len()).ok_or_else(|| ModelError::Output {
            model: Role::Layout.to_string(),
            expected: format!("four grids of {} scores, then four of distances", self.params.labels.len()),
            actual: format!("{:?}", outputs.iter().map(|output| &output.shape).collect::<Vec<_>>()),
        })
    }

    /// Cuts the outputs page by page; `None` when they have another shape.
    fn split(&self, outputs: &[Tensor], count: usize) -> Option<Vec<RawLayout>> {
        if outputs.len() != 2 * STRIDES.len() {
            return None;
        }
        let (scores, distances) = outputs.split_at(STRIDES.len());
        let classes = self.params.labels.len();
        let mut pages: Vec<_> = (0..count).map(|_| RawLayout { levels: Vec::new() }).collect();
        for ((stride, scores), distances) in STRIDES.into_iter().zip(scores).zip(distances) {
            let (rows, columns) = self.params.grid(stride);
            let cells = rows * columns;
            let (scores, distances) = (scores.as_f32()?, distances.as_f32()?);
            let per_cell = distances.len() / (count * cells).max(1);
            let fits = scores.len() == count * cells * classes
                && distances.len() == count * cells * per_cell
                && per_cell >= 8
                && per_cell.is_multiple_of(4);
            if !fits {
                return None;
            }
            let chunks = scores.chunks_exact(cells * classes).zip(distances.chunks_exact(cells * per_cell));
            for (page, (scores, distances)) in pages.iter_mut().zip(chunks) {
                page.levels.push(Level {
                    stride,
                    columns,
                    bins: per_cell / 4,
                    scores: scores.to_vec(),
                    distances: distances.to_vec(),
                });
            }
        }
        Some(pages)
    }
}
