//! Between which numbers the tensors of a network lie, as pictures go through it: what `ranges` of the manifest say.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    assets::AssetStore,
    error::ModelError,
    load::LoadError,
    manifest::{Manifest, Model, Range},
    pictures::Pictures,
    prepare::{self, Candidate},
    provider::Provider,
    session::{OnnxSession, Runtime, Session, SessionOptions, Tensor},
};

/// What was seen of one tensor.
#[derive(Clone, Copy, Debug)]
struct Seen {
    low: f32,
    high: f32,
    /// Most numbers of it in one batch.
    count: i64,
}

/// A network that answers as always and remembers the extremes of its tensors, in 32-bit floats on the CPU.
pub struct Calibration {
    session: OnnxSession,
    candidates: Vec<Candidate>,
    seen: Arc<Mutex<Vec<Seen>>>,
    _file: tempfile::NamedTempFile,
}

impl Calibration {
    /// Opens `model` of `manifest`.
    ///
    /// # Errors
    /// When a file is missing, or the graph cannot be prepared or opened.
    pub fn open(store: &AssetStore, manifest: &Manifest, model: &Model) -> Result<Self, LoadError> {
        let (graph, candidates) = prepare::measuring(store, model)?;
        let runtime = Runtime::load(&store.resolve_library(manifest, Provider::Cpu.library())?)?;
        let failed =
            |source| prepare::PrepareError::Io { action: "write", path: std::env::temp_dir(), source };
        let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
        file.write_all(&graph).map_err(failed)?;
        let session = runtime.session(file.path(), &SessionOptions::default())?;
        let nothing = Seen { low: f32::INFINITY, high: f32::NEG_INFINITY, count: 0 };
        let seen = Arc::new(Mutex::new(vec![nothing; candidates.len()]));
        Ok(Self { session, candidates, seen, _file: file })
    }

    /// A view of what is measured, which outlives the network.
    pub fn ranges(&self) -> Ranges {
        Ranges { candidates: self.candidates.clone(), seen: Arc::clone(&self.seen) }
    }
}

impl Session for Calibration {
    fn run(&mut self, batch: &Pictures<'_>) -> Result<Vec<Tensor>, ModelError> {
        let mut outputs = self.session.run(batch)?;
        let extremes = outputs.split_off(outputs.len().saturating_sub(3 * self.candidates.len()));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for (seen, extremes) in seen.iter_mut().zip(extremes.chunks_exact(3)) {
            let float = |at: usize| extremes[at].as_f32().and_then(|numbers| numbers.first().copied());
            seen.low = seen.low.min(float(0).unwrap_or(f32::NAN));
            seen.high = seen.high.max(float(1).unwrap_or(f32::NAN));
            let count = extremes[2].as_i64().and_then(|numbers| numbers.first().copied());
            seen.count = seen.count.max(count.unwrap_or(0) / batch.len().max(1) as i64);
        }
        Ok(outputs)
    }
}

/// The ranges that were measured.
pub struct Ranges {
    candidates: Vec<Candidate>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Ranges {
    /// Those that pay: of tensors for which bytes can stand, and whose products are a part of the work worth having.
    /// Turning others into bytes takes as long as it saves, and costs accuracy.
    pub fn measured(&self) -> Vec<Range> {
        /// Least share of all multiplications.
        const SHARE: f64 = 0.005;
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let work = |(candidate, seen): &(&Candidate, &Seen)| {
            candidate.weights as f64 * seen.count as f64 / candidate.depth.max(1) as f64
        };
        let all = || self.candidates.iter().zip(seen.iter());
        let total: f64 = all().map(|pair| work(&pair)).sum();
        let pays = |pair: &(&Candidate, &Seen)| {
            let (candidate, seen) = pair;
            let stands = seen.low < seen.high && seen.high > 0.0 && (seen.low >= 0.0 || !candidate.padded);
            stands && work(pair) >= SHARE * total
        };
        all()
            .filter(pays)
            .map(|(candidate, seen)| Range {
                tensor: candidate.tensor.clone(),
                low: seen.low,
                high: seen.high,
            })
            .collect()
    }
}
