//! What can go wrong with a loaded model.

use std::path::PathBuf;

/// Why a model gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The ONNX Runtime library cannot be used; nothing runs without it.
    #[error("load onnx runtime {}", library.display())]
    Runtime {
        /// The library file.
        library: PathBuf,
        /// The loader's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A process has one runtime, and another one is loaded already.
    #[error("{} is loaded already, {} cannot be loaded beside it", loaded.display(), asked.display())]
    SecondRuntime {
        /// The library in use.
        loaded: PathBuf,
        /// The library asked for.
        asked: PathBuf,
    },
    /// The model file does not open as a session.
    #[error("open model {}", model.display())]
    Open {
        /// The model file.
        model: PathBuf,
        /// The runtime's reason.
        source: ort::Error,
    },
    /// The network failed on a batch; the inputs are presumed good.
    #[error("run model {model}")]
    Run {
        /// File name of the model.
        model: String,
        /// The runtime's reason.
        source: ort::Error,
    },
    /// The model answered in another shape than its decoder understands: the manifest names the wrong decoder.
    #[error("{model} answered {actual}, expected {expected}")]
    Output {
        /// Role or file name of the model.
        model: String,
        /// What the decoder expects.
        expected: String,
        /// What came.
        actual: String,
    },
    /// The graph asks for something that the decoder does not know: the file is none that it reads.
    #[error("{model} asks for the input {input}, which no decoder of this program fills")]
    Input {
        /// File name of the model.
        model: String,
        /// The input.
        input: String,
    },
    /// The model file lacks metadata that its decoder needs.
    #[error("{model} has no metadata {key}")]
    Metadata {
        /// Role or file name of the model.
        model: String,
        /// The missing key.
        key: String,
    },
    /// The tokenizer of a network that writes cannot be read.
    #[error("read tokenizer {file}")]
    Tokenizer {
        /// The file.
        file: String,
        /// The reader's reason.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The page image cannot be brought to the model's size.
    #[error("prepare image")]
    Image(#[from] quire_raster::RasterError),
}
