//! A network that runs in a few shapes, each in a session of its own.
//!
//! The CUDA provider plans every convolution for the shape that a session saw last, and plans anew, for seconds,
//! whenever the next one differs. A session that only ever sees one shape plans once.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ort::{
    memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType},
    session::Session as OrtSession,
    value::{DynValue, Tensor as OrtTensor},
};
use quire_raster::Raster;

use crate::{
    error::ModelError,
    manifest::Role,
    pictures::Pictures,
    provider::Provider,
    session::{self, Runtime, SessionOptions, Tensor},
    shapes,
};

/// Most shapes kept at once; odd pages then take turns.
const MOST_SHAPES: usize = 24;

/// The sessions of one network. Copies of the network share them: two batches of different shapes run side by side.
#[derive(Debug)]
pub(crate) struct Shaped {
    runtime: Runtime,
    model: PathBuf,
    options: SessionOptions,
    role: Role,
    sessions: Mutex<HashMap<Shape, Arc<One>>>,
}

/// Pictures in a batch, and the height and width of their canvas.
type Shape = [usize; 3];

/// The session of one shape.
#[derive(Debug)]
struct One {
    /// Opened by the first batch; the next ones wait for that.
    session: Mutex<Option<OrtSession>>,
    shape: Shape,
    /// Batches that no thread fills or runs just now. One thread fills its batch while another runs.
    free: Mutex<Vec<OrtTensor<u8>>>,
}

impl Shaped {
    /// Sessions of `model`, which has the role `role`.
    pub(crate) fn new(runtime: Runtime, model: &Path, options: SessionOptions, role: Role) -> Self {
        Self { runtime, model: model.to_path_buf(), options, role, sessions: Mutex::default() }
    }

    /// Runs one batch in the session of its shape, filled up with empty canvases.
    pub(crate) fn run(&self, batch: &Pictures<'_>) -> Result<Vec<Tensor>, ModelError> {
        let (width, height) = batch.size();
        let filled = shapes::batch(self.role, batch.size()).max(batch.len());
        let one = self.one([filled, height, width]);
        self.ensure_open(&one)?;
        let name = session::name(&self.model);
        let outputs = one
            .run(batch, self.options.provider)
            .map_err(|source| ModelError::Run { model: name.clone(), source })?;
        outputs.iter().map(|output| Ok(session::extract(&name, output)?.cut(batch.len()))).collect()
    }

    /// Makes the session for canvases of the size `canvas` ready.
    pub(crate) fn warm(&self, canvas: (u32, u32)) -> Result<(), ModelError> {
        self.run(&Pictures::new(canvas, [255; 3], [&Raster::white(0, 0)])).map(drop)
    }

    /// The place of a shape. Copies of the network that run other shapes do not wait while one is opened.
    fn one(&self, shape: Shape) -> Arc<One> {
        let mut sessions = lock(&self.sessions);
        if sessions.len() >= MOST_SHAPES && !sessions.contains_key(&shape) {
            let idle = sessions.iter().find(|(_, one)| Arc::strong_count(one) == 1).map(|(shape, _)| *shape);
            idle.map(|shape| sessions.remove(&shape));
        }
        let new = || Arc::new(One { session: Mutex::default(), shape, free: Mutex::default() });
        Arc::clone(sessions.entry(shape).or_insert_with(new))
    }

    fn ensure_open(&self, one: &One) -> Result<(), ModelError> {
        let mut session = lock(&one.session);
        if session.is_none() {
            *session = Some(self.runtime.open(&self.model, &self.options)?);
        }
        Ok(())
    }
}

impl One {
    /// Runs one batch, once the session is open.
    fn run(&self, batch: &Pictures<'_>, provider: Provider) -> ort::Result<Vec<DynValue>> {
        let kept = lock(&self.free).pop();
        let mut input = kept.map_or_else(|| self.new_input(provider), Ok)?;
        batch.write(input.extract_tensor_mut().1);
        let outputs = {
            let mut session = lock(&self.session);
            let outputs = open(session.as_mut())?.run(ort::inputs![&input])?;
            outputs.into_iter().map(|(_, output)| output).collect()
        };
        lock(&self.free).push(input);
        Ok(outputs)
    }

    fn new_input(&self, provider: Provider) -> ort::Result<OrtTensor<u8>> {
        let [pictures, height, width] = self.shape;
        let memory = batch_memory(open(lock(&self.session).as_mut())?, provider)?;
        OrtTensor::new(&memory, [pictures, height, width, 3])
    }
}

fn open(session: Option<&mut OrtSession>) -> ort::Result<&mut OrtSession> {
    session.ok_or_else(|| ort::Error::new("the session of this shape is not open"))
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where batches lie: in memory that the system never moves, from which a GPU fetches them on its own.
fn batch_memory(session: &OrtSession, provider: Provider) -> ort::Result<Allocator> {
    let Provider::Cuda(device) = provider else { return Ok(Allocator::default()) };
    let device = i32::try_from(device).unwrap_or(i32::MAX);
    let pinned = AllocationDevice::CUDA_PINNED;
    Allocator::new(session, MemoryInfo::new(pinned, device, AllocatorType::Device, MemoryType::CPUInput)?)
}
