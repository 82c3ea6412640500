//! A network that runs in a few shapes, each in a session of its own.
//!
//! The CUDA provider plans every convolution for the shape that a session saw last, and plans anew, for seconds,
//! whenever the next one differs. A session that only ever sees one shape plans once.
//!
//! A batch that is too much for the memory of the device is run in halves, and so are those that follow it.

use std::{
    collections::HashMap,
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ort::{
    memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType},
    session::Session as OrtSession,
    value::{DynValue, Tensor as OrtTensor},
};
use quire_raster::Raster;
use tracing::warn;

use crate::{
    beside::Inputs,
    error::ModelError,
    manifest::Role,
    pictures::Pictures,
    provider::Provider,
    session::{self, Runtime, SessionOptions, Tensor},
    shapes,
};

/// The sessions of one network. Copies of the network share them: two batches of different shapes run side by side.
#[derive(Debug)]
pub(crate) struct Shaped {
    runtime: Runtime,
    model: PathBuf,
    options: SessionOptions,
    role: Role,
    inputs: Inputs,
    sessions: Mutex<HashMap<Canvas, Arc<One>>>,
}

/// Width and height of the pictures.
type Canvas = (usize, usize);

/// The session of one canvas.
#[derive(Debug)]
struct One {
    canvas: Canvas,
    state: Mutex<State>,
    /// Batches that no thread fills or runs just now. One thread fills its batch while another runs.
    free: Mutex<Vec<OrtTensor<u8>>>,
}

#[derive(Debug)]
struct State {
    /// Opened by the first batch; the next ones wait for that.
    session: Option<OrtSession>,
    /// Pictures in every batch.
    pictures: usize,
}

impl Shaped {
    /// Sessions of `model`, which has the role `role`.
    pub(crate) fn new(
        runtime: Runtime,
        model: &Path,
        options: SessionOptions,
        role: Role,
        inputs: Inputs,
    ) -> Self {
        Self { runtime, model: model.to_path_buf(), options, role, inputs, sessions: Mutex::default() }
    }

    /// Runs one batch in the session of its canvas, filled up with empty canvases.
    pub(crate) fn run(&self, batch: &Pictures<'_>) -> Result<Vec<Tensor>, ModelError> {
        let one = self.one(batch.size());
        let most = || lock(&one.state).pictures;
        let mut outputs: Vec<Tensor> = Vec::new();
        in_parts(
            batch.len(),
            most,
            |part, pictures| {
                for (index, output) in
                    self.run_part(&one, &batch.part(part), pictures)?.into_iter().enumerate()
                {
                    match outputs.get_mut(index) {
                        Some(all) => all.append(output),
                        None => outputs.push(output),
                    }
                }
                Ok(())
            },
            |error, pictures| is_out_of_memory(error) && self.halve(&one, pictures),
        )?;
        Ok(outputs)
    }

    /// Makes the session for canvases of the size `canvas` ready.
    pub(crate) fn warm(&self, canvas: (u32, u32)) -> Result<(), ModelError> {
        self.run(&Pictures::new(canvas, [255; 3], [&Raster::white(0, 0)])).map(drop)
    }

    /// The place of a canvas. Copies of the network that run others do not wait while its session is opened.
    fn one(&self, canvas: Canvas) -> Arc<One> {
        let mut sessions = lock(&self.sessions);
        if sessions.len() >= shapes::MOST && !sessions.contains_key(&canvas) {
            let idle =
                sessions.iter().find(|(_, one)| Arc::strong_count(one) == 1).map(|(canvas, _)| *canvas);
            idle.map(|canvas| sessions.remove(&canvas));
        }
        let pictures = if self.inputs.takes_one() { 1 } else { shapes::batch(self.role, canvas) };
        let state = State { session: None, pictures };
        let new = || Arc::new(One { canvas, state: Mutex::new(state), free: Mutex::default() });
        Arc::clone(sessions.entry(canvas).or_insert_with(new))
    }

    fn run_part(&self, one: &One, part: &Pictures<'_>, pictures: usize) -> Result<Vec<Tensor>, ModelError> {
        let name = session::name(&self.model);
        let failed = |source| ModelError::Run { model: name.clone(), source };
        let fits = |input: &OrtTensor<u8>| input.shape().first() == Some(&(pictures as i64));
        let kept = lock(&one.free).pop().filter(fits);
        let mut input = match kept {
            Some(input) => input,
            None => self.new_input(one, pictures)?,
        };
        part.write(input.extract_tensor_mut().1);
        let outputs: Vec<DynValue> = {
            let inputs = self.inputs.with((&input).into(), pictures, one.canvas).map_err(failed)?;
            let mut state = lock(&one.state);
            let outputs = self.opened(&mut state)?.run(inputs).map_err(failed)?;
            outputs.into_iter().map(|(_, output)| output).collect()
        };
        lock(&one.free).push(input);
        outputs.iter().map(|output| Ok(session::extract(&name, output)?.cut(part.len(), pictures))).collect()
    }

    fn new_input(&self, one: &One, pictures: usize) -> Result<OrtTensor<u8>, ModelError> {
        let (width, height) = one.canvas;
        let mut state = lock(&one.state);
        let memory = batch_memory(self.opened(&mut state)?, self.options.provider);
        memory
            .and_then(|memory| OrtTensor::new(&memory, [pictures, height, width, 3]))
            .map_err(|source| ModelError::Run { model: session::name(&self.model), source })
    }

    fn opened<'a>(&self, state: &'a mut State) -> Result<&'a mut OrtSession, ModelError> {
        let session = match state.session.take() {
            Some(session) => session,
            None => self.runtime.open(&self.model, &self.options)?,
        };
        Ok(state.session.insert(session))
    }

    /// Later batches have half as many pictures as this one of `pictures`, unless another thread saw to that already.
    /// The session goes, and its memory with it. False when a single picture is too much.
    fn halve(&self, one: &One, pictures: usize) -> bool {
        let mut state = lock(&one.state);
        if state.pictures == pictures && pictures > 1 {
            state.pictures = pictures / 2;
            state.session = None;
            lock(&one.free).clear();
            let (width, height) = one.canvas;
            warn!(role = %self.role, width, height, pictures, "too much for the memory of the device; halving batches");
        }
        state.pictures < pictures
    }
}

/// Runs `len` items in parts of at most `most()`. A part that fails is tried again when `again` says so, which may have
/// changed what is most.
fn in_parts<E>(
    len: usize,
    most: impl Fn() -> usize,
    mut run: impl FnMut(Range<usize>, usize) -> Result<(), E>,
    again: impl Fn(&E, usize) -> bool,
) -> Result<(), E> {
    let mut done = 0;
    while done < len {
        let most = most().max(1);
        let part = done..len.min(done + most);
        match run(part.clone(), most) {
            Ok(()) => done = part.end,
            Err(error) if again(&error, most) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn is_out_of_memory(error: &ModelError) -> bool {
    matches!(error, ModelError::Run { source, .. } if tells_of_memory(&source.to_string()))
}

/// Whether the device had no memory left, as the runtime, CUDA, cuBLAS and cuDNN put it.
fn tells_of_memory(message: &str) -> bool {
    const SIGNS: [&str; 5] =
        ["allocate memory", "smaller than requested", "out of memory", "ALLOC_FAILED", "CUBLAS failure 3"];
    SIGNS.iter().any(|sign| message.contains(sign))
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

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// A device with memory for `fits` items at once.
    fn parts(len: usize, fits: usize) -> Result<Vec<(usize, usize)>, usize> {
        let (most, ran) = (Cell::new(8), RefCell::new(Vec::new()));
        in_parts(
            len,
            || most.get(),
            |part, pictures| {
                if pictures > fits {
                    return Err(pictures);
                }
                ran.borrow_mut().push((part.start, part.end));
                Ok(())
            },
            |_, pictures| {
                most.set(pictures / 2);
                pictures > 1
            },
        )?;
        Ok(ran.into_inner())
    }

    #[test]
    fn a_batch_that_fits_runs_at_once_and_a_longer_one_in_parts() {
        assert_eq!(parts(5, 8), Ok(vec![(0, 5)]));
        assert_eq!(parts(19, 8), Ok(vec![(0, 8), (8, 16), (16, 19)]));
    }

    #[test]
    fn a_batch_too_large_for_the_device_runs_in_halves_until_they_fit() {
        assert_eq!(parts(7, 2), Ok(vec![(0, 2), (2, 4), (4, 6), (6, 7)]));
    }

    #[test]
    fn one_item_too_large_for_the_device_is_an_error() {
        assert_eq!(parts(3, 0), Err(1));
    }

    #[test]
    fn only_a_lack_of_memory_counts_as_one() {
        assert!(tells_of_memory(
            "BFCArena::AllocateRawInternal Failed to allocate memory for requested buffer"
        ));
        assert!(tells_of_memory("CUDA failure 2: out of memory ; GPU=0"));
        assert!(!tells_of_memory("Got invalid dimensions for input: pixels"));
    }
}
