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
mod graph;
mod half;
mod levels;
mod pixels;
mod wire;

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{
    assets::{AssetError, AssetStore},
    manifest::{Model, Normalise, Role, Step},
    provider::Provider,
};

/// Raised whenever a step changes what it writes, so that older results are made again.
const VERSION: u32 = 3;

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
    /// The operators are of a release whose form the step does not write.
    #[error("operator set {0} is newer than this step, which writes up to 17")]
    OperatorSet(u64),
}

/// The prepared file of `model` to open for `provider`, made now if need be.
pub fn prepared(store: &AssetStore, model: &Model, provider: Provider) -> Result<PathBuf, PrepareError> {
    let source = store.resolve_model(model)?;
    let steps: String = model.prepare.iter().map(|step| format!("{}-", step.as_str())).collect();
    let pixels = fingerprint(&model.normalise);
    let half = model.half && provider.is_accelerator();
    let floats = if half { "-half" } else { "" };
    let name = format!("{}-{steps}pixels-{pixels}{floats}-v{VERSION}.onnx", model.file.sha256.short());
    let folder = store.dir().join("prepared");
    let target = folder.join(name);
    if !target.exists() {
        let bytes = fs::read(&source).map_err(|error| failed("read", &source, error))?;
        let bytes = apply(model, half, bytes)?;
        write_whole(&folder, &target, &bytes).map_err(|error| failed("write", &target, error))?;
    }
    Ok(target)
}

fn apply(model: &Model, half: bool, bytes: Vec<u8>) -> Result<Vec<u8>, PrepareError> {
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
    if !half {
        return Ok(bytes);
    }
    graph::edit(&bytes, half::apply).map_err(failed("half"))
}

/// Another one for other numbers: they are part of the graph.
fn fingerprint(normalise: &Normalise) -> String {
    let Normalise { channels, mean, std } = normalise;
    let bytes = channels.from_rgb().map(|channel| channel as f32).into_iter().chain(*mean).chain(*std);
    let digest = Sha256::digest(bytes.flat_map(f32::to_le_bytes).collect::<Vec<_>>());
    hex::encode(&digest[..4])
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
