//! How each network batches: which items share a batch, and what they cost.

use std::sync::Arc;

use quire_models::{
    ModelError,
    detect::{DetectInput, Detector, ProbMap},
    layout::{LayoutModel, RawLayout},
    manifest::Normalise,
    orient::{self, HalfTurn, LineOrienter},
    recognize::{self, CtcPath, LINE_HEIGHT, LineImage, RecognizeParams, Recognizer},
    session::{OnnxSession, Tensor},
    table::{TableReader, TableStep},
};

use crate::batcher::BatchModel;

/// Pages in, raw boxes out.
pub(super) struct Layout(pub(super) LayoutModel<OnnxSession>);

impl BatchModel for Layout {
    type Input = Tensor;
    type Output = RawLayout;
    const NAME: &'static str = "layout";

    fn bucket(&self, _: &Tensor) -> u32 {
        0
    }

    fn cost(&self, input: &Tensor) -> usize {
        input.shape.iter().product::<usize>() / 3
    }

    fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<RawLayout>, ModelError> {
        self.0.run(inputs.to_vec())
    }
}

/// Pages in, maps of text out.
pub(super) struct Detect(pub(super) Detector<OnnxSession>);

impl BatchModel for Detect {
    type Input = DetectInput;
    type Output = ProbMap;
    const NAME: &'static str = "detect";

    fn bucket(&self, input: &DetectInput) -> u32 {
        let (height, width) = input.bucket();
        // Sides are multiples of 32 and below two million.
        ((height / 32) as u32) << 16 | (width / 32) as u32
    }

    fn cost(&self, input: &DetectInput) -> usize {
        let (height, width) = input.bucket();
        height * width
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
        self.network.run(recognize::to_batch(&lines, bucket, &self.params)?)
    }
}

/// Lines in, how likely each is upside down out.
pub(super) struct Orient {
    pub(super) network: LineOrienter<OnnxSession>,
    pub(super) normalise: Normalise,
}

impl BatchModel for Orient {
    type Input = Arc<LineImage>;
    type Output = HalfTurn;
    const NAME: &'static str = "orient";

    fn bucket(&self, _: &Arc<LineImage>) -> u32 {
        0
    }

    fn cost(&self, _: &Arc<LineImage>) -> usize {
        // All lines are squeezed to one small size: count alone bounds the batch.
        1
    }

    fn run(&mut self, lines: &[Arc<LineImage>]) -> Result<Vec<HalfTurn>, ModelError> {
        let lines: Vec<&LineImage> = lines.iter().map(AsRef::as_ref).collect();
        self.network.run(orient::to_batch(&lines, &self.normalise)?)
    }
}

/// Pictures of tables in, what the network wrote about each out.
pub(super) struct Table(pub(super) TableReader<OnnxSession>);

impl BatchModel for Table {
    type Input = Tensor;
    type Output = Vec<TableStep>;
    const NAME: &'static str = "table";

    fn bucket(&self, _: &Tensor) -> u32 {
        0
    }

    fn cost(&self, input: &Tensor) -> usize {
        input.shape.iter().product::<usize>() / 3
    }

    /// One after the other: the network writes until the longest table of a batch is done.
    fn run(&mut self, inputs: &[Tensor]) -> Result<Vec<Vec<TableStep>>, ModelError> {
        let mut answers = Vec::with_capacity(inputs.len());
        for input in inputs {
            answers.extend(self.0.run(input.clone())?);
        }
        Ok(answers)
    }
}
