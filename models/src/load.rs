//! All models of the manifest, loaded and warm.

use std::{collections::BTreeMap, num::NonZeroUsize, path::PathBuf};

use quire_raster::Raster;

use crate::{
    assets::{AssetError, AssetStore},
    detect::{self, DetectParams, Detector},
    error::ModelError,
    layout::{self, LayoutModel, LayoutParams},
    manifest::{Decoder, Manifest, Model, Role},
    orient::{self, LineOrienter, OrientParams},
    prepare::{self, PrepareError},
    provider::Provider,
    recognize::{self, Alphabet, LineImage, RecognizeParams, Recognizer},
    session::{OnnxSession, Runtime, SessionOptions},
    table::{self, TableParams, TableReader, Vocabulary},
};

/// Why the models are not ready.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file is missing or not the one that the manifest names.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// A graph could not be prepared.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// A model does not load or does not run.
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// How the models compute.
#[derive(Clone, Copy, Debug)]
pub struct ModelOptions {
    /// What computes.
    pub provider: Provider,
    /// Threads inside one operation, for every model.
    pub threads: NonZeroUsize,
    /// How often each network is loaded.
    pub copies: Copies,
}

/// How often each network is loaded. Each copy has a thread of its own: on a CPU two of them with one thread each
/// waste less than one with two; on a GPU one prepares and takes back its batch while the other computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copies {
    /// Of the layout network.
    pub layout: NonZeroUsize,
    /// Of the detector.
    pub detect: NonZeroUsize,
    /// Of the recogniser, which does most of the work.
    pub recognize: NonZeroUsize,
    /// Of the orientation network.
    pub orient: NonZeroUsize,
    /// Of the table network.
    pub table: NonZeroUsize,
}

impl Default for Copies {
    fn default() -> Self {
        let one = NonZeroUsize::MIN;
        Self { layout: one, detect: one, recognize: one, orient: one, table: one }
    }
}

impl Copies {
    const fn of(self, role: Role) -> usize {
        match role {
            Role::Layout => self.layout.get(),
            Role::Detect => self.detect.get(),
            Role::Recognize => self.recognize.get(),
            Role::Orient => self.orient.get(),
            Role::Table => self.table.get(),
        }
    }
}

/// Copies of a network with their parameters.
pub struct Loaded<N, P> {
    /// The copies; at least one.
    pub networks: Vec<N>,
    /// Geometry and normalisation of the manifest, default thresholds.
    pub params: P,
}

impl<N, P> Loaded<N, P> {
    /// Adds a copy; the first one brings the parameters.
    fn add(slot: &mut Option<Self>, network: N, params: impl FnOnce() -> P) {
        let loaded = slot.get_or_insert_with(|| Self { networks: Vec::new(), params: params() });
        loaded.networks.push(network);
    }
}

/// The models of a manifest; a role that it does not name is absent.
#[derive(Default)]
pub struct Models {
    /// Regions.
    pub layout: Option<Loaded<LayoutModel<OnnxSession>, LayoutParams>>,
    /// Text lines.
    pub detect: Option<Loaded<Detector<OnnxSession>, DetectParams>>,
    /// Text, and the characters that its classes stand for.
    pub recognize: Option<Loaded<Recognizer<OnnxSession>, (RecognizeParams, Alphabet)>>,
    /// Lines upside down.
    pub orient: Option<Loaded<LineOrienter<OnnxSession>, OrientParams>>,
    /// Table structure, and the tokens it is written in.
    pub table: Option<Loaded<TableReader<OnnxSession>, (TableParams, Vocabulary)>>,
    /// SHA-256 of each model's file.
    pub digests: BTreeMap<Role, String>,
}

impl Models {
    /// Loads every model of `manifest`, all at once, and runs each once.
    ///
    /// # Errors
    /// A missing asset names itself and says what to do.
    pub fn load(store: &AssetStore, manifest: &Manifest, options: ModelOptions) -> Result<Self, LoadError> {
        let loader = Loader {
            runtime: Runtime::load(&store.resolve_library(manifest, options.provider.library())?)?,
            store,
            options: SessionOptions { threads: options.threads, provider: options.provider },
        };
        let mut models = Self::default();
        std::thread::scope(|scope| {
            let opened = manifest.models.iter().flat_map(|model| {
                let loader = &loader;
                let copies = options.copies.of(model.role);
                (0..copies).map(move |_| (model, scope.spawn(move || loader.open(model))))
            });
            for (model, opening) in opened.collect::<Vec<_>>() {
                let session = opening.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
                models.add(model, session)?;
            }
            Ok::<_, LoadError>(())
        })?;
        models.warm()?;
        Ok(models)
    }

    fn add(&mut self, model: &Model, session: OnnxSession) -> Result<(), ModelError> {
        self.digests.insert(model.role, model.file.sha256.to_string());
        match model.role {
            Role::Layout => {
                let params = LayoutParams::new(model);
                let network = LayoutModel::new(session, params.clone());
                Loaded::add(&mut self.layout, network, || params);
            }
            Role::Detect => {
                Loaded::add(&mut self.detect, Detector::new(session), || DetectParams::new(model));
            }
            Role::Recognize => {
                let alphabet = Alphabet::from_metadata(&characters(&session)?);
                let network = Recognizer::new(session);
                Loaded::add(&mut self.recognize, network, || (RecognizeParams::new(model), alphabet));
            }
            Role::Orient => {
                Loaded::add(&mut self.orient, LineOrienter::new(session), || OrientParams::new(model));
            }
            Role::Table => {
                let vocabulary = Vocabulary::from_metadata(&characters(&session)?);
                let network = TableReader::new(session);
                Loaded::add(&mut self.table, network, || (TableParams::new(model), vocabulary));
            }
        }
        Ok(())
    }

    /// The first run of a network allocates what later ones use again; a broken one fails here, not on a page.
    fn warm(&mut self) -> Result<(), ModelError> {
        let page = Raster::white(320, 320);
        if let Some(Loaded { networks, params }) = &mut self.layout {
            for layout in networks {
                layout.run(vec![layout::preprocess(&page, params)?])?;
            }
        }
        if let Some(Loaded { networks, params }) = &mut self.detect {
            for detector in networks {
                detector.run(&[detect::preprocess(&page, params)?])?;
            }
        }
        let line = LineImage::default();
        if let Some(Loaded { networks, params: (params, _) }) = &mut self.recognize {
            for recognizer in networks {
                recognizer.run(recognize::to_batch(&[&line], params.bucket(0), params)?)?;
            }
        }
        if let Some(Loaded { networks, params }) = &mut self.orient {
            for orienter in networks {
                orienter.run(orient::to_batch(&[&line], &params.normalise)?)?;
            }
        }
        if let Some(Loaded { networks, params: (params, _) }) = &mut self.table {
            for reader in networks {
                reader.run(table::preprocess(&page, params)?)?;
            }
        }
        Ok(())
    }
}

struct Loader<'a> {
    runtime: Runtime,
    store: &'a AssetStore,
    options: SessionOptions,
}

impl Loader<'_> {
    fn open(&self, model: &Model) -> Result<OnnxSession, LoadError> {
        let graph: PathBuf = prepare::prepared(self.store, model)?;
        let mut options = self.options;
        if model.decoder == Decoder::Slanet {
            // OpenVINO does not translate the loop in this graph, and on a GPU its many small steps take as long.
            options.provider = Provider::Cpu;
        }
        Ok(self.runtime.session(&graph, &options)?)
    }
}

/// The metadata in which networks that write tokens keep what these mean.
fn characters(session: &OnnxSession) -> Result<String, ModelError> {
    const KEY: &str = "character";
    session
        .metadata(KEY)
        .ok_or_else(|| ModelError::Metadata { model: session.name().to_owned(), key: KEY.to_owned() })
}
