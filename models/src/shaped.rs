//! A network that runs in a few shapes, each in a session of its own.
//!
//! The CUDA provider plans every convolution for the shape that a session saw last, and plans anew, for seconds,
//! whenever the next one differs. A session that only ever sees one shape plans once.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use ort::session::Session as OrtSession;

use crate::{
    error::ModelError,
    manifest::Role,
    session::{self, Runtime, SessionOptions, Tensor},
    shapes,
};

/// Most shapes kept at once; odd pages then take turns.
const MOST_SHAPES: usize = 48;

type One = Arc<Mutex<OrtSession>>;

/// The sessions of one network. Copies of the network share them: two batches of different shapes run side by side.
#[derive(Debug)]
pub(crate) struct Shaped {
    runtime: Runtime,
    model: PathBuf,
    options: SessionOptions,
    role: Role,
    sessions: Mutex<HashMap<Vec<usize>, One>>,
}

impl Shaped {
    /// Sessions of `model`, which has the role `role`.
    pub(crate) fn new(runtime: Runtime, model: &Path, options: SessionOptions, role: Role) -> Self {
        Self { runtime, model: model.to_path_buf(), options, role, sessions: Mutex::default() }
    }

    /// Runs one batch in the session of its shape, filled up with zeros.
    pub(crate) fn run(&self, input: Tensor) -> Result<Vec<Tensor>, ModelError> {
        let rows = input.shape.first().copied().unwrap_or(0);
        let filled = shapes::batch(self.role, input.shape.get(1..).unwrap_or_default()).max(rows);
        let input = input.with_rows(filled);
        let session = self.session(&input.shape)?;
        let mut session = session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session::run(&mut session, &session::name(&self.model), &input)?;
        Ok(outputs.into_iter().map(|output| output.with_rows(rows)).collect())
    }

    /// Makes the session for items of the shape `item` ready.
    pub(crate) fn warm(&self, item: &[usize]) -> Result<(), ModelError> {
        let shape = [&[1], item].concat();
        let zeros = vec![0.0; shape.iter().product()];
        self.run(Tensor::f32(shape, zeros)?).map(drop)
    }

    /// Opening takes long, so others go on meanwhile; two that open the same one keep the first.
    fn session(&self, shape: &[usize]) -> Result<One, ModelError> {
        if let Some(session) = self.lock().get(shape) {
            return Ok(Arc::clone(session));
        }
        let opened = self.runtime.open(&self.model, &self.options)?;
        let mut sessions = self.lock();
        if sessions.len() >= MOST_SHAPES {
            let idle = sessions.iter().find(|(_, session)| Arc::strong_count(session) == 1);
            let idle = idle.map(|(shape, _)| shape.clone());
            idle.map(|shape| sessions.remove(&shape));
        }
        Ok(Arc::clone(sessions.entry(shape.to_vec()).or_insert_with(|| Arc::new(Mutex::new(opened)))))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Vec<usize>, One>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
