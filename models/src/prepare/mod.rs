//! Graph preparation, done once per model file and cached by hash.
//!
//! ```text
//!  models/25b1f27e-layout_cdla.onnx ──▶ batch ──▶ pixels ──▶ prepared/25b1f27e-batch-pixels-6ebd7081-v3.onnx
//! ```
//!
//! The weights stay as they are; only shapes, inputs, outputs and a few nodes change. Every graph takes
//! [pictures as bytes](crate::pictures); the other steps are named in the manifest.

mod batch;
mod best_class;
mod extremes;
mod graph;
mod half;
mod int8;
mod levels;
mod operator_set;
mod pixels;
mod tensor;
mod wire;

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

pub(crate) use extremes::Candidate;
use sha2::{Digest, Sha256};

use crate::{
    assets::{AssetError, AssetStore},
    manifest::{Model, Normalise, Range, Role, Step},
    provider::{Precision, Provider},
};

/// Raised whenever a step changes what it writes, so that older results are made again.
const VERSION: u32 = 5;

/// Why a graph is not prepared.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    /// The model itself cannot be used.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// The file is not an ONNX graph that the step understands.
    #[error("step {step} of model {role}")]
    Step {
        /// The model.
        role: Role,
        /// The step.
        step: &'static str,
        /// What is unexpected.
        source: GraphError,
    },
    /// A file cannot be read or written.
    #[error("{action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// What is unexpected in a graph.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Not the wire format of an ONNX file.
    #[error("the file is not an onnx graph: it breaks off or is damaged at byte {0}")]
    Damaged(usize),
    /// No graph inside.
    #[error("the file holds no graph")]
    NoGraph,
    /// Nothing ties the graph to one image.
    #[error("no reshape fixes the batch to 1: leave this step out")]
    NothingToBatch,
    /// More outputs than the step can shrink.
    #[error("the graph has {0} outputs, expected one")]
    Outputs(usize),
    /// The output is not one class distribution for each column.
    #[error("the output has {0} dimensions, expected batch, columns and classes")]
    Rank(usize),
    /// The last dimension has a name instead of a length.
    #[error("the output does not say how many classes it has")]
    Classes,
    /// No input has the dimensions of pictures.
    #[error("no input of the graph has four dimensions: images, channels, rows and columns")]
    NoPicture,
    /// A range of the manifest belongs to nothing that could compute in bytes.
    #[error("ranges names {0}, which no convolution or product with constant weights takes: leave it out")]
    Range(String),
    /// An operator that has another meaning in the operator set that is needed.
    #[error("operator {0} of this operator set has another form in 13: leave ranges out")]
    OldOperator(String),
    /// The operators are of a release whose form the step does not write.
    #[error("operator set {0} is newer than this step, which writes up to 17")]
    OperatorSet(u64),
}

/// The prepared file of `model` to open for `provider`, made now if need be.
pub fn prepared(store: &AssetStore, model: &Model, provider: Provider) -> Result<PathBuf, PrepareError> {
    let source = store.resolve_model(model)?;
    let steps: String = model.prepare.iter().map(|step| format!("{}-", step.as_str())).collect();
    let pixels = fingerprint(&model.normalise);
    let numbers = Numbers::of(model, provider);
    let name =
        format!("{}-{steps}pixels-{pixels}{}-v{VERSION}.onnx", model.file.sha256.short(), numbers.suffix());
    let folder = store.dir().join("prepared");
    let target = folder.join(name);
    if !target.exists() {
        let bytes = fs::read(&source).map_err(|error| failed("read", &source, error))?;
        let bytes = apply(model, numbers, bytes)?;
        write_whole(&folder, &target, &bytes).map_err(|error| failed("write", &target, error))?;
    }
    Ok(target)
}

/// The graph of `model` as it is published, but that it takes bytes, does the steps of the manifest and tells the extremes
/// of the tensors that it answers with.
pub(crate) fn measuring(
    store: &AssetStore,
    model: &Model,
) -> Result<(Vec<u8>, Vec<Candidate>), PrepareError> {
    let source = store.resolve_model(model)?;
    let bytes = fs::read(&source).map_err(|error| failed("read", &source, error))?;
    let bytes = apply(model, Numbers::Published, bytes)?;
    let mut candidates = Vec::new();
    let bytes = graph::edit(&bytes, |parts| {
        candidates = extremes::apply(parts)?;
        Ok(())
    })
    .map_err(|source| PrepareError::Step { role: model.role, step: "extremes", source })?;
    Ok((bytes, candidates))
}

/// What a graph computes in.
#[derive(Clone, Copy)]
enum Numbers<'a> {
    /// What the published graph does.
    Published,
    /// 16-bit floats.
    Half,
    /// Bytes, where a range says which.
    Int8(&'a [Range]),
}

impl<'a> Numbers<'a> {
    fn of(model: &'a Model, provider: Provider) -> Self {
        match provider {
            Provider::OpenVino(Precision::Int8) if !model.ranges.is_empty() => Self::Int8(&model.ranges),
            _ if model.half && provider.is_accelerator() => Self::Half,
            _ => Self::Published,
        }
    }

    fn suffix(self) -> String {
        match self {
            Self::Published => String::new(),
            Self::Half => "-half".to_owned(),
            Self::Int8(ranges) => {
                let bytes = |range: &Range| {
                    let numbers = range.low.to_le_bytes().into_iter().chain(range.high.to_le_bytes());
                    range.tensor.bytes().chain(numbers).collect::<Vec<_>>()
                };
                format!("-int8-{}", digest(ranges.iter().flat_map(bytes)))
            }
        }
    }
}

fn apply(model: &Model, numbers: Numbers, bytes: Vec<u8>) -> Result<Vec<u8>, PrepareError> {
    let failed = |step| move |source| PrepareError::Step { role: model.role, step, source };
    let bytes = model.prepare.iter().try_fold(bytes, |bytes, &step| {
        let change = match step {
            Step::Batch => batch::apply,
            Step::BestClass => best_class::apply,
            Step::Levels => levels::apply,
        };
        graph::edit(&bytes, change).map_err(failed(step.as_str()))
    })?;
    let bytes =
        graph::edit(&bytes, |parts| pixels::apply(parts, &model.normalise)).map_err(failed("pixels"))?;
    match numbers {
        Numbers::Published => Ok(bytes),
        Numbers::Half => graph::edit(&bytes, half::apply).map_err(failed("half")),
        Numbers::Int8(ranges) => {
            graph::edit(&bytes, |parts| int8::apply(parts, ranges)).map_err(failed("int8"))
        }
    }
}

/// Another one for other numbers: they are part of the graph.
fn fingerprint(normalise: &Normalise) -> String {
    let Normalise { channels, mean, std } = normalise;
    let bytes = channels.from_rgb().map(|channel| channel as f32).into_iter().chain(*mean).chain(*std);
    digest(bytes.flat_map(f32::to_le_bytes))
}

fn digest(bytes: impl Iterator<Item = u8>) -> String {
    hex::encode(&Sha256::digest(bytes.collect::<Vec<_>>())[..4])
}

/// By rename, so that a second process sees all of the file or nothing.
fn write_whole(folder: &Path, target: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    Ok(())
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> PrepareError {
    PrepareError::Io { action, path: path.to_path_buf(), source }
}
