//! How each network batches: which items share a batch, and what they cost.

use std::sync::Arc;

use quire_models::{
    ModelError,
    detect::{DetectInput, Detector, ProbMap},
    generate::{Generator, Written},
    layout::{LayoutModel, RawLayout},
    orient::{HalfTurn, LineOrienter},
    recognize::{CtcPath, LINE_HEIGHT, LineImage, RecognizeParams, Recognizer},
    session::OnnxSession,
    table::{TableParams, TableReader, TableStep},
};
use quire_raster::Raster;

use crate::batcher::BatchModel;

/// Pages in, raw boxes out.
pub(super) struct Layout(pub(super) LayoutModel<OnnxSession>);

impl BatchModel for Layout {
    type Input = Raster;
    type Output = RawLayout;
    const NAME: &'static str = "layout";

    fn bucket(&self, _: &Raster) -> u32 {
        0
    }

    fn cost(&self, page: &Raster) -> usize {
        area((page.width(), page.height()))
    }

    fn run(&mut self, pages: &[Raster]) -> Result<Vec<RawLayout>, ModelError> {
        self.0.run(pages)
    }
}

/// Pages in, maps of text out.
pub(super) struct Detect(pub(super) Detector<OnnxSession>);

impl BatchModel for Detect {
    type Input = DetectInput;
    type Output = ProbMap;
    const NAME: &'static str = "detect";

    fn bucket(&self, input: &DetectInput) -> u32 {
        let (width, height) = input.canvas;
        // Sides are multiples of 32 and below two million.
        ((height / 32) << 16) | (width / 32)
    }

    fn cost(&self, input: &DetectInput) -> usize {
        area(input.canvas)
    }

    fn run(&mut self, inputs: &[DetectInput]) -> Result<Vec<ProbMap>, ModelError> {
        self.0.run(inputs)
    }
}

/// Lines in, the best class of every column out.
pub(super) struct Recognize {
    pub(super) network: Recognizer<OnnxSession>,
    pub(super) params: Arc<RecognizeParams>,
}

impl BatchModel for Recognize {
    type Input = Arc<LineImage>;
    type Output = CtcPath;
    const NAME: &'static str = "recognize";

    fn bucket(&self, line: &Arc<LineImage>) -> u32 {
        self.params.bucket(line.width())
    }

    fn cost(&self, line: &Arc<LineImage>) -> usize {
        (self.bucket(line) * LINE_HEIGHT) as usize
    }

    fn run(&mut self, lines: &[Arc<LineImage>]) -> Result<Vec<CtcPath>, ModelError> {
        let Some(first) = lines.first() else { return Ok(Vec::new()) };
        let bucket = self.bucket(first);
        let lines: Vec<&LineImage> = lines.iter().map(AsRef::as_ref).collect();
        self.network.run(&lines, bucket, &self.params)
    }
}

/// Lines in, how likely each is upside down out.
pub(super) struct Orient {
    pub(super) network: LineOrienter<OnnxSession>,
    pub(super) ground: [u8; 3],
}

impl BatchModel for Orient {
    type Input = Raster;
    type Output = HalfTurn;
    const NAME: &'static str = "orient";

    fn bucket(&self, _: &Raster) -> u32 {
        0
    }

    fn cost(&self, _: &Raster) -> usize {
        // All lines are squeezed to one small size: count alone bounds the batch.
        1
    }

    fn run(&mut self, lines: &[Raster]) -> Result<Vec<HalfTurn>, ModelError> {
        self.network.run(lines, self.ground)
    }
}

/// Pictures of tables in, what the network wrote about each out.
pub(super) struct Table {
    pub(super) network: TableReader<OnnxSession>,
    pub(super) params: TableParams,
}

impl BatchModel for Table {
    type Input = Raster;
    type Output = Vec<TableStep>;
    const NAME: &'static str = "table";

    fn bucket(&self, _: &Raster) -> u32 {
        0
    }

    fn cost(&self, _: &Raster) -> usize {
        area((self.params.side, self.params.side))
    }

    /// One after the other: the network writes until the longest table of a batch is done.
    fn run(&mut self, tables: &[Raster]) -> Result<Vec<Vec<TableStep>>, ModelError> {
        let mut answers = Vec::with_capacity(tables.len());
        for table in tables {
            answers.extend(self.network.run(std::slice::from_ref(table), &self.params)?);
        }
        Ok(answers)
    }
}

/// Lines in doubt in, the tokens of a second reading out.
pub(super) struct Transcribe(pub(super) Generator);

impl BatchModel for Transcribe {
    type Input = Raster;
    type Output = Written;
    const NAME: &'static str = "transcribe";

    fn bucket(&self, _: &Raster) -> u32 {
        0
    }

    fn cost(&self, _: &Raster) -> usize {
        canvas(&self.0)
    }

    fn run(&mut self, lines: &[Raster]) -> Result<Vec<Written>, ModelError> {
        self.0.run(lines)
    }
}

/// Pictures of formulas in, tokens of LaTeX out.
pub(super) struct Formula(pub(super) Generator);

impl BatchModel for Formula {
    type Input = Raster;
    type Output = Written;
    const NAME: &'static str = "formula";

    fn bucket(&self, _: &Raster) -> u32 {
        0
    }

    fn cost(&self, _: &Raster) -> usize {
        canvas(&self.0)
    }

    fn run(&mut self, formulas: &[Raster]) -> Result<Vec<Written>, ModelError> {
        self.0.run(formulas)
    }
}

/// Pixels of every picture that a network which writes takes.
const fn canvas(network: &Generator) -> usize {
    let params = network.params();
    area((params.width, params.height))
}

/// Pixels of a picture.
const fn area((width, height): (u32, u32)) -> usize {
    width as usize * height as usize
}
