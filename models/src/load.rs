//! Models of the manifest, loaded and warm.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use crate::{
    assets::{AssetError, AssetStore},
    available::{Host, Unavailable},
    detect::{DetectParams, Detector},
    error::ModelError,
    generate::{GenerateParams, Generator, OnnxDecoder, Words},
    kept::{self, Kept},
    layout::{LayoutModel, LayoutParams},
    manifest::{Decoder, Manifest, Model, Role},
    orient::{LineOrienter, OrientParams},
    prepare::{self, PrepareError},
    provider::Provider,
    recognize::{Alphabet, RecognizeParams, Recognizer},
    session::{self, OnnxSession, Runtime, SessionOptions},
    shaped::Shaped,
    shapes,
    table::{TableParams, TableReader, Vocabulary},
    warm,
};

/// Why the models are not ready.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file is missing or not the one that the manifest names.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// What was asked for cannot compute here.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
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
    /// Threads inside one operation, for every model that runs on the processor.
    pub threads: NonZeroUsize,
    /// How often each network is loaded.
    pub copies: Copies,
    /// Most bytes of the GPU that all sessions take together; none for all there are.
    pub gpu_memory: Option<u64>,
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
    /// Of each network that writes.
    pub write: NonZeroUsize,
}

impl Default for Copies {
    fn default() -> Self {
        let one = NonZeroUsize::MIN;
        Self { layout: one, detect: one, recognize: one, orient: one, table: one, write: one }
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
            Role::Transcribe | Role::Formula => self.write.get(),
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

/// Models that were loaded; a role that the manifest does not name, or nobody asked for, is absent.
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
    /// Text lines read again, and what its tokens stand for.
    pub transcribe: Option<Loaded<Generator, (GenerateParams, Words)>>,
    /// Formulas in LaTeX, and what its tokens stand for.
    pub formula: Option<Loaded<Generator, (GenerateParams, Words)>>,
}

/// Loads the models of a manifest, those that are asked for.
#[derive(Clone, Debug)]
pub struct ModelLoader {
    store: AssetStore,
    manifest: Manifest,
    options: ModelOptions,
    library: PathBuf,
}

impl ModelLoader {
    /// Makes sure that the provider can compute here and that every file is there. Nothing is opened yet.
    ///
    /// # Errors
    /// A missing asset names itself and says what to do.
    pub fn new(store: AssetStore, manifest: Manifest, options: ModelOptions) -> Result<Self, LoadError> {
        Host::this().check(options.provider.choice(), &manifest)?;
        let library = store.resolve_library(&manifest, options.provider.library())?;
        for model in &manifest.models {
            store.resolve_model(model)?;
        }
        Ok(Self { store, manifest, options, library })
    }

    /// Whether the manifest has a model for `role`.
    pub fn has(&self, role: Role) -> bool {
        self.manifest.model(role).is_some()
    }

    /// Number of recognisers for scripts that the first one does not know.
    pub fn other_recognizers(&self) -> usize {
        self.manifest.other_recognizers().count()
    }

    /// SHA-256 of each model's file, by the model's name.
    pub fn digests(&self) -> BTreeMap<String, String> {
        self.manifest.models.iter().map(|model| (model.name(), model.digest())).collect()
    }

    /// Library and processor.
    fn machine(&self) -> String {
        let library = self.manifest.library(self.options.provider.library());
        let files = library.iter().flat_map(|library| &library.files).map(|file| file.sha256.to_string());
        files.chain([kept::processor()]).collect::<Vec<_>>().join("\n")
    }

    /// Loads the models with `roles`, all at once, and runs each once.
    ///
    /// # Errors
    /// When a model does not open or does not run.
    pub fn load(&self, roles: &[Role]) -> Result<Models, LoadError> {
        let asked = roles.iter().filter_map(|role| self.manifest.model(*role));
        self.load_models(&asked.collect::<Vec<_>>())
    }

    /// Loads the recognisers for scripts that the first one does not know, each as the only one of its `Models`, with
    /// its scripts.
    ///
    /// # Errors
    /// When one does not open or does not run.
    pub fn load_other_recognizers(&self) -> Result<Vec<(Vec<String>, Models)>, LoadError> {
        let load = |model: &Model| Ok((model.scripts.clone(), self.load_models(&[model])?));
        self.manifest.other_recognizers().map(load).collect()
    }

    fn load_models(&self, asked: &[&Model]) -> Result<Models, LoadError> {
        let loader = Loader {
            runtime: Runtime::load(&self.library)?,
            store: &self.store,
            kept: Kept::new(self.store.dir().join("compiled")),
            machine: self.machine(),
            options: SessionOptions {
                threads: self.options.threads,
                provider: self.options.provider,
                gpu_memory: self.options.gpu_memory.map(share_of_session),
            },
            shaped: Mutex::default(),
        };
        let fixed = self.options.provider.is_accelerator();
        let mut models = Models::default();
        thread::scope(|scope| {
            let opened = asked.iter().flat_map(|&model| {
                let loader = &loader;
                let copies = self.options.copies.of(model.role);
                (0..copies).map(move |_| {
                    (
                        model,
                        scope
                            .spawn(move || Ok::<_, LoadError>((loader.open(model)?, loader.writing(model)?))),
                    )
                })
            });
            for (model, opening) in opened.collect::<Vec<_>>() {
                let (session, writing) = opening.join().unwrap_or_else(|panic| resume_unwind(panic))?;
                match writing {
                    Some(writing) => models.add_writing(model.role, session, writing),
                    None => models.add(model, session, fixed)?,
                }
            }
            Ok::<_, LoadError>(())
        })?;
        if fixed {
            warm::shapes(&mut models, &loader.into_shapes())?
        } else {
            warm::once(&mut models)?
        }
        Ok(models)
    }
}

impl Models {
    fn add(&mut self, model: &Model, session: OnnxSession, fixed: bool) -> Result<(), ModelError> {
        match model.role {
            Role::Layout => {
                let params = LayoutParams::new(model);
                let network = LayoutModel::new(session, params.clone());
                Loaded::add(&mut self.layout, network, || params);
            }
            Role::Detect => {
                let mut params = DetectParams::new(model);
                if fixed {
                    params.side_step = shapes::SIDE_STEP;
                }
                Loaded::add(&mut self.detect, Detector::new(session), || params);
            }
            Role::Recognize => {
                let alphabet = Alphabet::from_metadata(&characters(&session)?);
                let network = Recognizer::new(session);
                let mut params = RecognizeParams::new(model);
                if fixed {
                    params.widths = shapes::WIDTHS.to_vec();
                }
                Loaded::add(&mut self.recognize, network, || (params, alphabet));
            }
            Role::Orient => {
                Loaded::add(&mut self.orient, LineOrienter::new(session), || OrientParams::new(model));
            }
            Role::Table => {
                let vocabulary = Vocabulary::from_metadata(&characters(&session)?);
                let network = TableReader::new(session);
                Loaded::add(&mut self.table, network, || (TableParams::new(model), vocabulary));
            }
            // Without a decoder there is nothing that they could write with.
            Role::Transcribe | Role::Formula => {}
        }
        Ok(())
    }
}

/// What a network that writes has beside its encoder.
type Writing = (OnnxDecoder, Words, GenerateParams);

impl Models {
    fn add_writing(&mut self, role: Role, encoder: OnnxSession, (decoder, words, params): Writing) {
        let slot = if role == Role::Formula { &mut self.formula } else { &mut self.transcribe };
        Loaded::add(slot, Generator::new(encoder, decoder, params.clone()), || (params, words));
    }
}

/// What one session may take: layout and orientation have one, detection and recognition a few each.
fn share_of_session(all: u64) -> usize {
    const SESSIONS: u64 = 16;
    usize::try_from(all / SESSIONS).unwrap_or(usize::MAX)
}

struct Loader<'a> {
    runtime: Runtime,
    store: &'a AssetStore,
    options: SessionOptions,
    kept: Kept,
    /// What the compiled form of every model depends on.
    machine: String,
    /// Sessions by shape, which copies of a network share.
    shaped: Mutex<Shapes>,
}

/// The sessions of each network that runs in fixed shapes.
pub(crate) type Shapes = BTreeMap<Role, Arc<Shaped>>;

impl Loader<'_> {
    fn open(&self, model: &Model) -> Result<OnnxSession, LoadError> {
        let mut options = self.options;
        if matches!(model.decoder, Decoder::Slanet | Decoder::Text | Decoder::Latex) {
            // OpenVINO does not translate the loop in SLANet, and on a GPU its many small steps take as long.
            options.provider = Provider::Cpu;
        }
        let graph: PathBuf = prepare::prepared(self.store, model, options.provider)?;
        if options.provider == Provider::Cpu {
            let key = self.key(model, &graph, &options);
            return Ok(self.runtime.session_kept(&graph, &options, &self.kept, &key)?);
        }
        // OpenVINO's own cache is of no use: without its reader for that format, which the package leaves out, the
        // library makes each entry again at every start.
        if !options.provider.is_accelerator() {
            return Ok(self.runtime.session(&graph, &options)?);
        }
        // Of this session only the metadata are asked for: it takes no memory of the device.
        let session = self.runtime.session(&graph, &SessionOptions { provider: Provider::Cpu, ..options })?;
        let mut shapes = self.shaped.lock().unwrap_or_else(PoisonError::into_inner);
        let inputs = session.inputs().clone();
        let new = || Arc::new(Shaped::new(self.runtime.clone(), &graph, options, model.role, inputs));
        Ok(session.with_shapes(Arc::clone(shapes.entry(model.role).or_insert_with(new))))
    }

    /// Decoder and tokens of a network that writes.
    fn writing(&self, model: &Model) -> Result<Option<Writing>, LoadError> {
        let (Some(generate), Some(params)) = (&model.generate, GenerateParams::new(model)) else {
            return Ok(None);
        };
        let (network, words) = (self.store.place(&generate.network), self.store.place(&generate.tokenizer));
        let options = SessionOptions { provider: Provider::Cpu, ..self.options };
        let decoder = OnnxDecoder::new(session::name(&network), self.runtime.open(&network, &options)?)?;
        Ok(Some((decoder, Words::read(&words)?, params)))
    }

    /// What the compiled form of `model` depends on.
    fn key(&self, model: &Model, graph: &Path, options: &SessionOptions) -> String {
        let graph = graph.file_name().unwrap_or_default().to_string_lossy();
        let options = format!("{} on {} threads", options.provider, options.threads);
        kept::key(&[&model.file.sha256.to_string(), &graph, &self.machine, &options])
    }

    fn into_shapes(self) -> Shapes {
        self.shaped.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The metadata in which networks that write tokens keep what these mean.
fn characters(session: &OnnxSession) -> Result<String, ModelError> {
    const KEY: &str = "character";
    session
        .metadata(KEY)
        .ok_or_else(|| ModelError::Metadata { model: session.name().to_owned(), key: KEY.to_owned() })
}
