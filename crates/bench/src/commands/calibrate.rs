//! `quire-bench calibrate`: between which numbers the tensors of a network lie, for `ranges` of the manifest.

use std::{num::NonZeroUsize, path::PathBuf};

use anyhow::{Context, bail, ensure};
use quire_cli::{
    config::Config,
    machine::{self, ENDS_WITHIN},
};
use quire_models::{
    ModelLoader,
    assets::AssetStore,
    calibrate::Calibration,
    detect::{self, DetectParams, Detector},
    manifest::{Manifest, Range, Role},
    recognize::{self, RecognizeParams, Recognizer},
    session::{OnnxSession, Session},
};
use quire_proto::PageNumber;
use quire_render::{RenderOptions, RenderPool, RenderedPage, SourceFile};
use quire_worker::trace::Trace;

/// Options of `quire-bench calibrate`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Documents like those that will be read: many scripts, clean and bad pages
    #[arg(required = true)]
    documents: Vec<PathBuf>,
    /// Which network: `detect` or `recognize`
    #[arg(long, default_value = "recognize")]
    role: String,
    /// Most pages of each document, spread over it
    #[arg(long, default_value = "6")]
    pages: NonZeroUsize,
    /// Pixels per inch
    #[arg(long, default_value_t = 200)]
    dpi: u16,
}

/// Runs the command and prints what belongs into the manifest.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let role = match options.role.as_str() {
        "detect" => Role::Detect,
        "recognize" => Role::Recognize,
        other => bail!("{other} cannot be calibrated, only detect and recognize"),
    };
    let mut config = Config::load(None)?;
    // In 32-bit floats: the numbers of the network as it is.
    config.pipeline.provider = quire_models::provider::ProviderChoice::Cpu;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(measure(options, role, &config));
    runtime.shutdown_timeout(ENDS_WITHIN);
    let ranges = measured?;
    ensure!(!ranges.is_empty(), "nothing was measured: the documents have no text");
    println!("ranges = [");
    for Range { tensor, low, high } in &ranges {
        println!("    {{ tensor = {tensor:?}, low = {low:?}, high = {high:?} }},");
    }
    println!("]");
    Ok(true)
}

async fn measure(options: &Options, role: Role, config: &Config) -> anyhow::Result<Vec<Range>> {
    let reading = machine::page_reader(config, Trace::default()).await?;
    let (manifest, store) = (config.assets.manifest()?, config.assets.store());
    let mut network = Network::open(role, config, &store, &manifest)?;
    for document in &options.documents {
        let source =
            SourceFile::open(document, None).with_context(|| format!("open {}", document.display()))?;
        let pages = pages(options, &reading.render, &source).await?;
        for page in &pages {
            network.read(page)?;
        }
        eprintln!("{}: {} pages", document.display(), pages.len());
    }
    reading.render.shutdown().await;
    Ok(network.ranges.measured())
}

/// Some pages, spread over the document.
async fn pages(
    options: &Options,
    render: &RenderPool,
    source: &SourceFile,
) -> anyhow::Result<Vec<RenderedPage>> {
    let all = render.open(source).await?.pages as usize;
    let count = options.pages.get().min(all);
    let mut pages = Vec::with_capacity(count);
    for at in 0..count {
        let page = PageNumber::new((at * all / count) as u32 + 1).unwrap_or(PageNumber::FIRST);
        pages.push(render.render(source, page, RenderOptions { dpi: options.dpi.into() }).await?);
    }
    Ok(pages)
}

/// The detector, and what is measured.
struct Network {
    reader: Reader,
    detect_params: DetectParams,
    ranges: quire_models::calibrate::Ranges,
}

enum Reader {
    Detect(Detector<Calibration>),
    Recognize(Box<(Detector<OnnxSession>, Recognizer<Calibration>)>, RecognizeParams),
}

impl Network {
    fn open(role: Role, config: &Config, store: &AssetStore, manifest: &Manifest) -> anyhow::Result<Self> {
        let model = manifest.model(role).context("the manifest has no such model")?;
        let loader = ModelLoader::new(store.clone(), manifest.clone(), config.pipeline.models(manifest))?;
        let models = loader.load(&[Role::Detect, Role::Recognize])?;
        let detect = models.detect.context("the manifest has no model that finds lines")?;
        let calibration = Calibration::open(store, manifest, model)?;
        let ranges = calibration.ranges();
        let detect_params = detect.params;
        let reader = if role == Role::Detect {
            Reader::Detect(Detector::new(calibration))
        } else {
            let params = models.recognize.context("the manifest has no model that reads lines")?.params.0;
            let detector = detect.networks.into_iter().next().context("no detector was opened")?;
            Reader::Recognize(Box::new((detector, Recognizer::new(calibration))), params)
        };
        Ok(Self { reader, detect_params, ranges })
    }

    fn read(&mut self, page: &RenderedPage) -> anyhow::Result<()> {
        match &mut self.reader {
            Reader::Detect(detector) => find(detector, page, &self.detect_params).map(drop),
            Reader::Recognize(networks, params) => {
                let (detector, recognizer) = networks.as_mut();
                for line in find(detector, page, &self.detect_params)? {
                    if let Some(line) = recognize::rectify(&page.raster, &line.quad, params) {
                        recognizer.run(&[&line], params.bucket(line.width()), params)?;
                    }
                }
                Ok(())
            }
        }
    }
}

fn find<S: Session>(
    detector: &mut Detector<S>,
    page: &RenderedPage,
    params: &DetectParams,
) -> anyhow::Result<Vec<detect::DetectedLine>> {
    let input = detect::preprocess(&page.raster, params)?;
    let maps = detector.run(&[input])?;
    Ok(maps.iter().flat_map(|map| detect::decode(map, params)).collect())
}
