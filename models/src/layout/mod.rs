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
mod detr;
mod picodet;
mod suppress;

use quire_proto::{Region, RegionKind};
use quire_raster::Raster;

pub use decode::decode;

use crate::{
    error::ModelError,
    manifest::{Decoder, Model, Role},
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
    /// How the answer is read.
    pub decoder: Decoder,
    /// Regions less likely than this are dropped: lower finds more tables, and more that are none.
    /// Default `min_score` of the manifest, else 0.4.
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

impl Default for LayoutParams {
    fn default() -> Self {
        Self {
            width: 608,
            height: 800,
            labels: Vec::new(),
            decoder: Decoder::Picodet,
            min_score: 0.4,
            max_overlap: 0.5,
            max_overlap_across_kinds: 0.8,
            max_per_kind: 100,
        }
    }
}

impl LayoutParams {
    /// The geometry and labels of `model`, with default thresholds.
    pub fn new(model: &Model) -> Self {
        let default = Self::default();
        Self {
            width: model.input.width.length(),
            height: model.input.height.length(),
            labels: model.labels.clone(),
            decoder: model.decoder,
            min_score: model.min_score.unwrap_or(default.min_score),
            ..default
        }
    }

    /// Rows and columns of the grid of `stride` pixels.
    fn grid(&self, stride: u32) -> (usize, usize) {
        (self.height.div_ceil(stride) as usize, self.width.div_ceil(stride) as usize)
    }
}

/// The page, stretched to the network's picture.
pub fn preprocess(page: &Raster, params: &LayoutParams) -> Result<Raster, ModelError> {
    let (width, height) = (params.width, params.height);
    Ok(if page.byte_len() == 0 { Raster::white(width, height) } else { page.resized(width, height)? })
}

/// What the network says about one page.
#[derive(Clone, Debug, PartialEq)]
pub struct RawLayout(Saw);

#[derive(Clone, Debug, PartialEq)]
enum Saw {
    /// Scores and distances, grid by grid.
    Grids(Vec<picodet::Level>),
    /// Boxes, in pixels of the network's picture.
    Boxes(Vec<Region>),
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
        if self.session.takes_one() && pages.len() > 1 {
            return pages.iter().try_fold(Vec::with_capacity(pages.len()), |mut all, page| {
                all.extend(self.run(std::slice::from_ref(page))?);
                Ok(all)
            });
        }
        let pictures = Pictures::new((self.params.width, self.params.height), [255; 3], pages);
        let outputs = self.session.run(&pictures)?;
        self.split(&outputs, pages.len())
    }

    /// Cuts the outputs page by page.
    fn split(&self, outputs: &[Tensor], count: usize) -> Result<Vec<RawLayout>, ModelError> {
        let labels = self.params.labels.len();
        let odd = |expected: String, actual: String| ModelError::Output {
            model: Role::Layout.to_string(),
            expected,
            actual,
        };
        let shapes = || format!("{:?}", outputs.iter().map(|output| &output.shape).collect::<Vec<_>>());
        if self.params.decoder == Decoder::RtDetr {
            let pages = detr::split(outputs, count, &self.params).map_err(|error| match error {
                detr::Odd::Shape => odd(detr::EXPECTED.to_owned(), shapes()),
                detr::Odd::Classes(classes) => odd(
                    format!("the {labels} classes that `labels` of the manifest names"),
                    format!("{classes} classes or more"),
                ),
            })?;
            return Ok(pages.into_iter().map(|regions| RawLayout(Saw::Boxes(regions))).collect());
        }
        let expected = || format!("four grids of {labels} scores, then four of distances");
        let pages = picodet::split(outputs, count, &self.params).ok_or_else(|| odd(expected(), shapes()))?;
        Ok(pages.into_iter().map(|levels| RawLayout(Saw::Grids(levels))).collect())
    }
}
