//! Writing: the most likely token, again and again, until every text of the batch has ended.

use super::GenerateParams;
use crate::{error::ModelError, session::Tensor};

/// A decoder, one step at a time.
pub(crate) trait Steps {
    /// What it remembers of a batch.
    type Memory;

    /// Begins a batch of `count` with what the encoder made of it.
    fn begin(&mut self, hidden: Tensor, count: usize) -> Result<Self::Memory, ModelError>;

    /// For each of the texts `written` so far, all equally long, how likely each token is the next, as logits.
    fn next(&mut self, memory: &mut Self::Memory, written: &[Vec<i64>]) -> Result<Logits, ModelError>;
}

/// The logits of a step: row after row.
pub(crate) struct Logits {
    pub(crate) numbers: Vec<f32>,
    /// Tokens there are; at least one.
    pub(crate) vocabulary: usize,
}

/// Why a text stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The network ended it.
    End,
    /// It was too long.
    TooLong,
    /// It went in circles.
    Circle,
}

/// What a network wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Its tokens, without those that begin and end it.
    pub tokens: Vec<i64>,
    /// Mean probability of the tokens, that which ends it included; 0 for a text that did not end by itself.
    pub confidence: f32,
    /// Why it stops.
    pub ending: Ending,
}

/// One text while it grows.
struct Text {
    probabilities: Vec<f32>,
    ending: Option<Ending>,
}

/// Writes one text for each of `count` pictures, of which the encoder made `hidden`.
pub(super) fn write<S: Steps>(
    steps: &mut S,
    hidden: Tensor,
    count: usize,
    params: &GenerateParams,
) -> Result<Vec<Written>, ModelError> {
    let mut memory = steps.begin(hidden, count)?;
    let mut written = vec![params.start.clone(); count];
    let mut texts: Vec<Text> = (0..count).map(|_| Text { probabilities: Vec::new(), ending: None }).collect();
    for _ in 0..params.most_tokens {
        let Logits { numbers, vocabulary } = steps.next(&mut memory, &written)?;
        let rows = numbers.chunks_exact(vocabulary.max(1));
        for ((text, written), logits) in texts.iter_mut().zip(&mut written).zip(rows) {
            // Texts that have ended wait for the others: rows of a batch are equally long.
            let (token, probability) = match text.ending {
                Some(_) => (params.end, 0.0),
                None => likeliest(logits).unwrap_or((params.end, 0.0)),
            };
            written.push(token);
            if text.ending.is_none() {
                text.probabilities.push(probability);
                text.ending = ending(&written[params.start.len()..], params);
            }
        }
        if texts.iter().all(|text| text.ending.is_some()) {
            break;
        }
    }
    Ok(texts.into_iter().zip(written).map(|(text, tokens)| text.finished(tokens, params)).collect())
}

impl Text {
    fn finished(self, tokens: Vec<i64>, params: &GenerateParams) -> Written {
        let ending = self.ending.unwrap_or(Ending::TooLong);
        let count = self.probabilities.len();
        let kept = if ending == Ending::End { count.saturating_sub(1) } else { count };
        let mean = self.probabilities.iter().sum::<f32>() / count.max(1) as f32;
        Written {
            tokens: tokens.into_iter().skip(params.start.len()).take(kept).collect(),
            confidence: if ending == Ending::End { mean } else { 0.0 },
            ending,
        }
    }
}

/// The likeliest token and its probability under the softmax; none when nothing is a number.
fn likeliest(logits: &[f32]) -> Option<(i64, f32)> {
    let finite = logits.iter().enumerate().filter(|(_, logit)| logit.is_finite());
    let (token, highest) = finite.max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0)))?;
    let sum: f32 = logits.iter().filter(|logit| logit.is_finite()).map(|logit| (logit - highest).exp()).sum();
    Some((token as i64, 1.0 / sum))
}

/// Whether the text has ended with its last token.
fn ending(tokens: &[i64], params: &GenerateParams) -> Option<Ending> {
    if tokens.last() == Some(&params.end) {
        return Some(Ending::End);
    }
    let last = &tokens[tokens.len().checked_sub(params.circle)?..];
    let repeats = |length: usize| last.iter().zip(last.iter().skip(length)).all(|(one, next)| one == next);
    (1..=params.longest_sequence).any(repeats).then_some(Ending::Circle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::TensorData;

    /// A decoder that writes what it was told, one text for each row, for ever.
    struct Dictated {
        texts: Vec<Vec<i64>>,
        steps: usize,
    }

    impl Steps for Dictated {
        type Memory = ();

        fn begin(&mut self, _: Tensor, _: usize) -> Result<(), ModelError> {
            Ok(())
        }

        fn next(&mut self, (): &mut (), written: &[Vec<i64>]) -> Result<Logits, ModelError> {
            self.steps += 1;
            let mut numbers = Vec::new();
            for (text, written) in self.texts.iter().zip(written) {
                let next = text[(written.len() - 1) % text.len()];
                // The one that is meant, with a probability of 0.75; -1 stands for a network that has gone mad.
                let logit = |token| if token == next { 27f32.ln() } else { 0.0 };
                numbers.extend((0..10).map(|token| if next < 0 { f32::NAN } else { logit(token) }));
            }
            Ok(Logits { numbers, vocabulary: 10 })
        }
    }

    fn written(texts: &[&[i64]], most_tokens: usize) -> (Vec<Written>, usize) {
        let params = GenerateParams {
            width: 8,
            height: 8,
            keep_ratio: false,
            start: vec![0],
            end: 2,
            most_tokens,
            circle: 12,
            longest_sequence: 4,
        };
        let mut steps = Dictated { texts: texts.iter().map(|text| text.to_vec()).collect(), steps: 0 };
        let hidden = Tensor { shape: vec![texts.len(), 0, 0], data: TensorData::F32(Vec::new()) };
        let written = write(&mut steps, hidden, texts.len(), &params).unwrap();
        (written, steps.steps)
    }

    #[test]
    fn a_batch_stops_when_its_longest_text_has_ended() {
        let (written, steps) = written(&[&[5, 2, 7, 7], &[4, 5, 6, 2]], 100);

        assert_eq!(steps, 4);
        assert_eq!(
            written.iter().map(|text| text.tokens.as_slice()).collect::<Vec<_>>(),
            [&[5][..], &[4, 5, 6]]
        );
        assert!(written.iter().all(|text| text.ending == Ending::End));
        assert!(written.iter().all(|text| (text.confidence - 0.75).abs() < 1e-5), "{written:?}");
    }

    #[test]
    fn a_text_that_does_not_end_stops_at_the_bound_and_is_not_believed() {
        let (written, steps) = written(&[&[4, 5, 6, 7, 8, 9, 3, 1]], 20);

        assert_eq!((steps, written[0].tokens.len(), written[0].ending), (20, 20, Ending::TooLong));
        assert_eq!(written[0].confidence, 0.0);
    }

    #[test]
    fn a_text_that_goes_in_circles_stops_before_the_bound() {
        let (written, steps) = written(&[&[4, 5, 6]], 100);

        assert_eq!((steps, written[0].ending, written[0].confidence), (12, Ending::Circle, 0.0));
    }

    #[test]
    fn an_empty_text_is_one_and_so_is_what_is_not_a_number() {
        let (written, steps) = written(&[&[2], &[-1]], 100);

        assert_eq!(steps, 1);
        assert!(written.iter().all(|text| text.tokens.is_empty() && text.ending == Ending::End));
        assert_eq!(written[1].confidence, 0.0);
    }
}
