//! The network behind every model: pictures in, tensors out.
//!
//! The ONNX Runtime library is opened at run time, once per process; a [`Runtime`] is
//! the proof that it is open. An [`OnnxSession`] belongs to one thread at a time.

mod tensor;

use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use ort::{
    environment::Environment,
    ep::{self, ArbitrarilyConfigurableExecutionProvider},
    logging::LogLevel,
    session::{
        Session as OrtSession,
        builder::{GraphOptimizationLevel, SessionBuilder},
    },
    value::{DynValue, TensorElementType, TensorRef, ValueType},
};

use crate::{
    beside::Inputs,
    error::ModelError,
    kept::{Kept, Opening},
    pictures::Pictures,
    provider::{Precision, Provider, computes_in_bf16},
    shaped::Shaped,
};

pub use tensor::{Tensor, TensorData};

/// A network: pictures in, outputs in the order of the graph.
pub trait Session: Send {
    /// Runs one batch.
    fn run(&mut self, batch: &Pictures<'_>) -> Result<Vec<Tensor>, ModelError>;

    /// Whether a batch may only be one picture.
    fn takes_one(&self) -> bool {
        false
    }
}

/// File name of a graph that the runtime has optimised.
const OPTIMISED: &str = "optimised.onnx";

/// How a session computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionOptions {
    /// Threads inside one operation. Default 1: several models share the cores, and one thread
    /// each wastes nothing on waiting for the other.
    pub threads: NonZeroUsize,
    /// What computes. Default [`Provider::Cpu`].
    pub provider: Provider,
    /// Most bytes of the GPU that the session takes beside its weights; default none. What is more fails.
    pub gpu_memory: Option<usize>,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self { threads: NonZeroUsize::MIN, provider: Provider::Cpu, gpu_memory: None }
    }
}

/// The ONNX Runtime library, open for the rest of the process.
#[derive(Clone, Debug)]
pub struct Runtime {
    environment: Environment,
}

/// The library in use. The runtime cannot be opened a second time after it was closed, so it stays open.
static LOADED: Mutex<Option<(PathBuf, Runtime)>> = Mutex::new(None);

impl Runtime {
    /// Opens `library`, or answers with the one open already when it is the same file.
    pub fn load(library: &Path) -> Result<Self, ModelError> {
        let library = &library.canonicalize().unwrap_or_else(|_| library.to_path_buf());
        let mut loaded = LOADED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((open, runtime)) = loaded.as_ref() {
            if open != library {
                return Err(ModelError::SecondRuntime { loaded: open.clone(), asked: library.to_path_buf() });
            }
            return Ok(runtime.clone());
        }
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| ModelError::Runtime {
            library: library.to_path_buf(),
            source,
        };
        let environment = ort::init_from(library)
            .map_err(|error| failed(error.to_string().into()))?
            .with_name("quire")
            .with_telemetry(false)
            .build()
            .map_err(|error| failed(Box::new(error)))?;
        let runtime = Self { environment };
        *loaded = Some((library.to_path_buf(), runtime.clone()));
        Ok(runtime)
    }

    /// The runtime's own handle, for sessions that take other inputs than pictures.
    pub const fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Opens `model`; its graph is optimised once, here.
    pub fn session(&self, model: &Path, options: &SessionOptions) -> Result<OnnxSession, ModelError> {
        OnnxSession::new(model, self.open(model, options)?)
    }

    /// The same, with what `kept` has under `key`.
    pub(crate) fn session_kept(
        &self,
        model: &Path,
        options: &SessionOptions,
        kept: &Kept,
        key: &str,
    ) -> Result<OnnxSession, ModelError> {
        OnnxSession::new(model, kept.open(key, |opening| self.open_as(model, options, opening))?)
    }

    /// A session of the runtime itself.
    pub(crate) fn open(&self, model: &Path, options: &SessionOptions) -> Result<OrtSession, ModelError> {
        self.open_as(model, options, Opening::Plain)
    }

    fn open_as(
        &self,
        model: &Path,
        options: &SessionOptions,
        opening: Opening<'_>,
    ) -> Result<OrtSession, ModelError> {
        self.builder(options, opening)
            .and_then(|mut builder| match (options.provider, opening) {
                (Provider::Cpu, Opening::Kept(folder)) => builder.commit_from_file(folder.join(OPTIMISED)),
                _ => builder.commit_from_file(model),
            })
            .map_err(|source| ModelError::Open { model: model.to_path_buf(), source })
    }

    fn builder(&self, options: &SessionOptions, opening: Opening<'_>) -> ort::Result<SessionBuilder> {
        let builder = OrtSession::builder(&self.environment)?
            .with_intra_threads(options.threads.get())?
            // Spinning threads of one model would take the core from the next one.
            .with_intra_op_spinning(false)?
            .with_inter_op_spinning(false)?;
        match options.provider {
            Provider::Cpu => Ok(match opening {
                Opening::Plain => builder,
                // The runtime warns that the graph then suits this processor only, which is what the key says.
                Opening::Making(folder) => builder
                    .with_log_level(LogLevel::Error)?
                    .with_optimized_model_path(folder.join(OPTIMISED))?,
                Opening::Kept(_) => builder.with_optimization_level(GraphOptimizationLevel::Disable)?,
            }),
            Provider::OpenVino(precision) => {
                Ok(builder.with_execution_providers([open_vino(precision, options.threads)])?)
            }
            Provider::Cuda(device) => {
                Ok(builder.with_execution_providers([cuda(device, options.gpu_memory)])?)
            }
            // What TensorRT does not translate runs on CUDA.
            Provider::TensorRt(device) => {
                Ok(builder.with_execution_providers([tensor_rt(device), cuda(device, options.gpu_memory)])?)
            }
            Provider::CoreMl => Ok(builder.with_execution_providers([core_ml()])?),
        }
    }
}

/// OpenVINO takes its own settings as JSON: the thread count, because its default is eight, and no pinning,
/// because it would put every session on the first core.
fn open_vino(precision: Precision, threads: NonZeroUsize) -> ep::ExecutionProviderDispatch {
    let precision = match precision {
        Precision::F32 => "f32",
        Precision::Bf16 => "bf16",
        Precision::Int8 if computes_in_bf16() => "bf16",
        Precision::Int8 => "f32",
    };
    let config = format!(
        r#"{{"CPU":{{"INFERENCE_PRECISION_HINT":"{precision}","INFERENCE_NUM_THREADS":"{threads}","NUM_STREAMS":"1","ENABLE_CPU_PINNING":"NO"}}}}"#
    );
    ep::OpenVINO::default()
        .with_device_type("CPU")
        .with_arbitrary_config("load_config", config)
        .build()
        .error_on_failure()
}

/// Memory grows by what is asked for: there is a session for every shape, and doubling each would fill the device.
fn cuda(device: u32, memory: Option<usize>) -> ep::ExecutionProviderDispatch {
    let cuda = ep::CUDA::default();
    let cuda = match memory {
        Some(memory) => cuda.with_memory_limit(memory),
        None => cuda,
    };
    cuda.with_device_id(i32::try_from(device).unwrap_or(i32::MAX))
        .with_conv_algorithm_search(ep::cuda::ConvAlgorithmSearch::Heuristic)
        .with_arena_extend_strategy(ep::ArenaExtendStrategy::SameAsRequested)
        .build()
        .error_on_failure()
}

fn tensor_rt(device: u32) -> ep::ExecutionProviderDispatch {
    ep::TensorRT::default()
        .with_device_id(i32::try_from(device).unwrap_or(i32::MAX))
        .build()
        .error_on_failure()
}

fn core_ml() -> ep::ExecutionProviderDispatch {
    ep::CoreML::default().build().error_on_failure()
}

/// A loaded network.
#[derive(Debug)]
pub struct OnnxSession {
    name: String,
    session: OrtSession,
    inputs: Inputs,
    /// The batch; kept for the next one.
    input: Vec<u8>,
    shaped: Option<Arc<Shaped>>,
}

impl OnnxSession {
    fn new(model: &Path, session: OrtSession) -> Result<Self, ModelError> {
        let name = name(model);
        let inputs = Inputs::of(&session, &name)?;
        Ok(Self { name, session, inputs, input: Vec::new(), shaped: None })
    }

    /// What the graph takes.
    pub(crate) const fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// File name of the model, for messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A value of the model's own metadata.
    pub fn metadata(&self, key: &str) -> Option<String> {
        self.session.metadata().ok()?.custom(key)
    }

    /// Names of the inputs, in the order of the graph.
    pub fn input_names(&self) -> Vec<&str> {
        self.session.inputs().iter().map(ort::value::Outlet::name).collect()
    }

    /// Names of the outputs, in the order of the graph.
    pub fn output_names(&self) -> Vec<&str> {
        self.session.outputs().iter().map(ort::value::Outlet::name).collect()
    }
}

impl OnnxSession {
    /// The same network, which runs in the sessions of `shaped`.
    pub(crate) fn with_shapes(self, shaped: Arc<Shaped>) -> Self {
        Self { shaped: Some(shaped), ..self }
    }
}

impl Session for OnnxSession {
    fn takes_one(&self) -> bool {
        self.inputs.takes_one()
    }

    fn run(&mut self, batch: &Pictures<'_>) -> Result<Vec<Tensor>, ModelError> {
        if let Some(shaped) = &self.shaped {
            return shaped.run(batch);
        }
        let (width, height) = batch.size();
        self.input.resize(batch.len() * batch.canvas_len(), 0);
        batch.write(&mut self.input);
        let failed = |source| ModelError::Run { model: self.name.clone(), source };
        let outputs = TensorRef::from_array_view(([batch.len(), height, width, 3], self.input.as_slice()))
            .and_then(|input| self.inputs.with(input.into(), batch.len(), (width, height)))
            .and_then(|inputs| self.session.run(inputs))
            .map_err(failed)?;
        outputs.values().map(|value| extract(&self.name, &value)).collect()
    }
}

/// What a model is called in messages.
pub(crate) fn name(model: &Path) -> String {
    model.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Copies an output out of the runtime's memory.
pub(crate) fn extract(model: &str, value: &DynValue) -> Result<Tensor, ModelError> {
    let failed = |source| ModelError::Run { model: model.to_owned(), source };
    let dims =
        |shape: &ort::value::Shape| shape.iter().map(|&dim| usize::try_from(dim).unwrap_or(0)).collect();
    match value.dtype() {
        ValueType::Tensor { ty: TensorElementType::Float32, .. } => {
            let (shape, data) = value.try_extract_tensor::<f32>().map_err(failed)?;
            Ok(Tensor { shape: dims(shape), data: TensorData::F32(data.to_vec()) })
        }
        ValueType::Tensor { ty: TensorElementType::Int64, .. } => {
            let (shape, data) = value.try_extract_tensor::<i64>().map_err(failed)?;
            Ok(Tensor { shape: dims(shape), data: TensorData::I64(data.to_vec()) })
        }
        ValueType::Tensor { ty: TensorElementType::Int32, .. } => {
            let (shape, data) = value.try_extract_tensor::<i32>().map_err(failed)?;
            let data = data.iter().copied().map(i64::from).collect();
            Ok(Tensor { shape: dims(shape), data: TensorData::I64(data) })
        }
        ValueType::Tensor { ty: TensorElementType::Uint8, .. } => {
            let (shape, data) = value.try_extract_tensor::<u8>().map_err(failed)?;
            Ok(Tensor { shape: dims(shape), data: TensorData::U8(data.to_vec()) })
        }
        other => Err(ModelError::Output {
            model: model.to_owned(),
            expected: "tensors of f32, i32, i64 or u8".to_owned(),
            actual: format!("{other:?}"),
        }),
    }
}
