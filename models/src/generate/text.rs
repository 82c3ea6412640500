//! From tokens to text, by the tokenizer that came with the network.

use std::path::Path;

use tokenizers::Tokenizer;

use super::{Ending, Written};
use crate::{
    error::ModelError,
    recognize::{RecognizedLine, RecognizedWord},
    session,
};

/// What a network's tokens stand for.
#[derive(Clone, Debug)]
pub struct Words(Tokenizer);

/// What a network reads in a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcription {
    /// The text, in one line.
    pub text: String,
    /// Mean probability of its tokens, 0 to 1; 0 for a text that did not end by itself.
    pub confidence: f32,
}

impl Words {
    /// Reads a `tokenizer.json`.
    pub(crate) fn read(file: &Path) -> Result<Self, ModelError> {
        let failed = |source| ModelError::Tokenizer { file: session::name(file), source };
        Tokenizer::from_file(file).map(Self).map_err(failed)
    }

    /// The text of `written`; one that did not end by itself is empty.
    pub fn text(&self, written: &Written) -> Transcription {
        let tokens: Vec<u32> = written.tokens.iter().filter_map(|token| u32::try_from(*token).ok()).collect();
        let text = if written.ending == Ending::End { self.0.decode(&tokens, true).ok() } else { None };
        let text: Vec<String> =
            text.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect();
        Transcription { text: text.join(" "), confidence: written.confidence }
    }
}

impl Transcription {
    /// As a line: where its words are is estimated from their lengths.
    pub fn into_line(self) -> RecognizedLine {
        let Self { text, confidence } = self;
        let all = text.chars().count().max(1) as f32;
        let mut at = 0;
        let mut words = Vec::new();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let end = at + word.chars().count();
            words.push(RecognizedWord {
                text: word.to_owned(),
                start: at as f32 / all,
                end: end as f32 / all,
                confidence,
            });
            at = end + 1;
        }
        RecognizedLine { text, confidence, words }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_line_take_their_share_of_it() {
        let line = Transcription { text: "ab cdefg".into(), confidence: 0.9 }.into_line();

        let words: Vec<_> =
            line.words.iter().map(|word| (word.text.as_str(), word.start, word.end)).collect();
        assert_eq!(words, [("ab", 0.0, 0.25), ("cdefg", 0.375, 1.0)]);
        assert_eq!(
            Transcription { text: String::new(), confidence: 0.0 }.into_line(),
            RecognizedLine::default()
        );
    }
}
