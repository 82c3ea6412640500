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
    /// How often the recogniser is loaded: it does most of the work, and two of them with one thread each
    /// waste less than one with two.
    pub recognizers: NonZeroUsize,
}

/// A network with its parameters and, where it writes tokens, their meaning.
pub struct Loaded<N, P> {
    /// The network.
    pub network: N,
    /// Geometry and normalisation of the manifest, default thresholds.
    pub params: P,
}

/// Copies of the recogniser.
pub type Recognizers = Loaded<Vec<Recognizer<OnnxSession>>, RecognizeParams>;

/// The models of a manifest; a role that it does not name is absent.
#[derive(Default)]
pub struct Models {
    /// Regions.
    pub layout: Option<LayoutModel<OnnxSession>>,
    /// Text lines.
    pub detect: Option<Loaded<Detector<OnnxSession>, DetectParams>>,
    /// Text, and the characters that its classes stand for; the same network once for each thread.
    pub recognize: Option<(Recognizers, Alphabet)>,
    /// Lines upside down.
    pub orient: Option<Loaded<LineOrienter<OnnxSession>, OrientParams>>,
    /// Table structure, and the tokens it is written in.
    pub table: Option<(Loaded<TableReader<OnnxSession>, TableParams>, Vocabulary)>,
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
                let copies = if model.role == Role::Recognize { options.recognizers.get() } else { 1 };
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
            Role::Layout => self.layout = Some(LayoutModel::new(session, LayoutParams::new(model))),
            Role::Detect => {
                self.detect =
                    Some(Loaded { network: Detector::new(session), params: DetectParams::new(model) });
            }
            Role::Recognize => {
                let alphabet = Alphabet::from_metadata(&characters(&session)?);
                let recognizer = Recognizer::new(session);
                match &mut self.recognize {
                    Some((loaded, _)) => loaded.network.push(recognizer),
                    None => {
                        let params = RecognizeParams::new(model);
                        self.recognize = Some((Loaded { network: vec![recognizer], params }, alphabet));
                    }
                }
            }
            Role::Orient => {
                self.orient =
                    Some(Loaded { network: LineOrienter::new(session), params: OrientParams::new(model) });
            }
            Role::Table => {
                let vocabulary = Vocabulary::from_metadata(&characters(&session)?);
                let params = TableParams::new(model);
                self.table = Some((Loaded { network: TableReader::new(session), params }, vocabulary));
            }
        }
        Ok(())
    }

    /// The first run of a network allocates what later ones use again; a broken one fails here, not on a page.
    fn warm(&mut self) -> Result<(), ModelError> {
        let page = Raster::white(320, 320);
        if let Some(layout) = &mut self.layout {
            layout.run(vec![layout::preprocess(&page, layout.params())?])?;
        }
        if let Some(Loaded { network, params }) = &mut self.detect {
            network.run(&[detect::preprocess(&page, params)?])?;
        }
        let line = LineImage::default();
        if let Some((Loaded { network, params }, _)) = &mut self.recognize {
            for recognizer in network {
                recognizer.run(recognize::to_batch(&[&line], params.bucket(0), params)?)?;
            }
        }
        if let Some(Loaded { network, params }) = &mut self.orient {
            network.run(orient::to_batch(&[&line], &params.normalise)?)?;
        }
        if let Some((Loaded { network, params }, _)) = &mut self.table {
            network.run(table::preprocess(&page, params)?)?;
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
            // OpenVINO does not translate the loop in this graph.
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
