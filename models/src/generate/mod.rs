//! Networks that write: a picture in, text out, one token after the other.
//!
//! ```text
//!  picture ─▶ preprocess ─▶ encoder ─▶ decoder ─┐ token, until all texts of the batch have ended ─▶ decode ─▶ text
//!                           once          ▲     │                                                  tokenizer
//!                                         └─────┘ keys and values of the tokens before
//! ```
//!
//! The files are those that optimum exports for an encoder with a decoder, such as TrOCR
//! (<https://huggingface.co/docs/optimum/exporters/onnx/overview>): `encoder_model.onnx`, `decoder_model_merged.onnx`, which
//! keeps what it computed for earlier tokens, or `decoder_model.onnx`, which reads the whole text anew for each; and
//! `tokenizer.json`. The most likely token is taken each time. A text that does not end by itself, or goes in circles, is
//! no answer.

mod greedy;
mod network;
mod text;

use quire_raster::Raster;

use crate::{
    error::ModelError,
    manifest::Model,
    pictures::Pictures,
    recognize::{LINE_HEIGHT, LineImage},
    session::{OnnxSession, Session, Tensor},
};

pub use greedy::{Ending, Written};
pub use network::OnnxDecoder;
pub use text::{Transcription, Words};

/// How pictures are prepared and when writing stops.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerateParams {
    /// Width of the network's picture.
    pub width: u32,
    /// Height of the network's picture.
    pub height: u32,
    /// Whether pictures keep their proportions and are filled up with white, instead of being stretched.
    pub keep_ratio: bool,
    /// Tokens that every text begins with.
    pub start: Vec<i64>,
    /// The token that ends a text.
    pub end: i64,
    /// Longest text, in tokens.
    pub most_tokens: usize,
    /// A text goes in circles when its last tokens, this many, are a sequence again and again … Default 24: three times the
    /// longest sequence, and longer than a rule of dots.
    pub circle: usize,
    /// … of at most this many. Default 8.
    pub longest_sequence: usize,
}

impl GenerateParams {
    /// Geometry and tokens of `model`; `None` when the manifest does not say how it writes.
    pub fn new(model: &Model) -> Option<Self> {
        let generate = model.generate.as_ref()?;
        Some(Self {
            width: model.input.width.length(),
            height: model.input.height.length(),
            keep_ratio: generate.keep_ratio,
            start: generate.start.clone(),
            end: generate.end,
            most_tokens: usize::from(generate.most_tokens.get()),
            circle: 24,
            longest_sequence: 8,
        })
    }
}

/// `picture` in the size of the network.
pub fn preprocess(picture: &Raster, params: &GenerateParams) -> Result<Raster, ModelError> {
    let (width, height) = (params.width, params.height);
    if picture.byte_len() == 0 {
        return Ok(Raster::white(width, height));
    }
    if !params.keep_ratio {
        return Ok(picture.resized(width, height)?);
    }
    let (from_width, from_height) = (picture.width() as f32, picture.height() as f32);
    let scale = (width as f32 / from_width).min(height as f32 / from_height);
    let side = |length: f32, most: u32| ((length * scale).round() as u32).clamp(1, most);
    Ok(picture.resized(side(from_width, width), side(from_height, height))?)
}

/// A line of text in the size of the network.
pub fn preprocess_line(line: &LineImage, params: &GenerateParams) -> Result<Raster, ModelError> {
    preprocess(&Raster::new(line.width(), LINE_HEIGHT, line.pixels().to_vec())?, params)
}

/// An encoder with its decoder.
pub struct Generator {
    encoder: OnnxSession,
    decoder: OnnxDecoder,
    params: GenerateParams,
}

impl Generator {
    /// Of two networks that belong together.
    pub const fn new(encoder: OnnxSession, decoder: OnnxDecoder, params: GenerateParams) -> Self {
        Self { encoder, decoder, params }
    }

    /// How to prepare pictures.
    pub const fn params(&self) -> &GenerateParams {
        &self.params
    }

    /// Writes about pictures made by [`preprocess`]; one text per picture, in order.
    pub fn run(&mut self, pictures: &[Raster]) -> Result<Vec<Written>, ModelError> {
        if pictures.is_empty() {
            return Ok(Vec::new());
        }
        if self.encoder.takes_one() && pictures.len() > 1 {
            let one = |picture| self.run(std::slice::from_ref(picture));
            let all: Result<Vec<_>, _> = pictures.iter().map(one).collect();
            return Ok(all?.into_iter().flatten().collect());
        }
        let size = (self.params.width, self.params.height);
        let outputs = self.encoder.run(&Pictures::new(size, [255; 3], pictures))?;
        let hidden = self.hidden(outputs, pictures.len())?;
        greedy::write(&mut self.decoder, hidden, pictures.len(), &self.params)
    }

    /// Runs both networks once: one token about white paper.
    pub(crate) fn warm(&mut self) -> Result<(), ModelError> {
        let usual = self.params.most_tokens;
        self.params.most_tokens = 1;
        let ran = self.run(&[Raster::white(self.params.width, self.params.height)]);
        self.params.most_tokens = usual;
        ran.map(drop)
    }

    /// What the encoder made of `count` pictures.
    fn hidden(&self, outputs: Vec<Tensor>, count: usize) -> Result<Tensor, ModelError> {
        let shapes = format!("{:?}", outputs.iter().map(|output| &output.shape).collect::<Vec<_>>());
        let first = outputs.into_iter().next();
        let fits = |hidden: &Tensor| hidden.shape.len() == 3 && hidden.shape[0] == count;
        first.filter(|hidden| fits(hidden) && hidden.as_f32().is_some()).ok_or_else(|| ModelError::Output {
            model: self.encoder.name().to_owned(),
            expected: "last_hidden_state: floats for each picture, patch and channel".to_owned(),
            actual: shapes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(keep_ratio: bool) -> GenerateParams {
        GenerateParams {
            width: 64,
            height: 32,
            keep_ratio,
            start: vec![0],
            end: 2,
            most_tokens: 10,
            circle: 24,
            longest_sequence: 8,
        }
    }

    #[test]
    fn a_picture_is_stretched_or_keeps_its_proportions_as_the_network_learnt_it() {
        let size = |(width, height), keep_ratio| {
            let picture = preprocess(&Raster::white(width, height), &params(keep_ratio)).unwrap();
            (picture.width(), picture.height())
        };

        assert_eq!(size((640, 16), false), (64, 32));
        assert_eq!(size((640, 16), true), (64, 2));
        assert_eq!(size((1, 4000), true), (1, 32));
        assert_eq!(size((0, 0), true), (64, 32));
    }
}
