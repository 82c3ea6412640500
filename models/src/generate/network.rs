//! The decoder as a graph: what it takes, what it gives back, and what of that it takes again.
//!
//! ```text
//!  input_ids, encoder_hidden_states                         logits
//!  past_key_values.N.decoder.key, .value       ──▶          present.N.decoder.key, .value    one longer
//!  past_key_values.N.encoder.key, .value                    present.N.encoder.key, .value    of the first step only
//!  use_cache_branch
//! ```

use std::borrow::Cow;

use ort::{
    session::{Session as OrtSession, SessionInputValue},
    value::{DynValue, Outlet, Tensor as OrtTensor, ValueType},
};

use super::greedy::{Logits, Steps};
use crate::{
    error::ModelError,
    session::{Tensor, TensorData},
};

/// Keys or values of one layer, which go round.
#[derive(Debug)]
struct Slot {
    input: String,
    output: String,
    /// Those of the picture are the same at every step.
    of_encoder: bool,
    heads: usize,
    head: usize,
}

/// The decoder of a [`Generator`](super::Generator).
#[derive(Debug)]
pub struct OnnxDecoder {
    name: String,
    session: OrtSession,
    slots: Vec<Slot>,
    branch: bool,
    mask: bool,
}

/// What the decoder remembers of a batch.
pub(crate) struct Memory {
    count: usize,
    hidden: OrtTensor<f32>,
    mask: Option<OrtTensor<i64>>,
    past: Vec<DynValue>,
    /// Tokens that `past` covers.
    done: usize,
}

impl OnnxDecoder {
    /// Of `session`, called `name` in messages.
    ///
    /// # Errors
    /// When the graph takes anything that it is not known how to fill, or does not give back what it takes again.
    pub(crate) fn new(name: String, session: OrtSession) -> Result<Self, ModelError> {
        let odd = |input: &str| ModelError::Input { model: name.clone(), input: input.to_owned() };
        let (mut slots, mut branch, mut mask) = (Vec::new(), false, false);
        for input in session.inputs() {
            match input.name() {
                "input_ids" | "encoder_hidden_states" => {}
                "use_cache_branch" => branch = true,
                "encoder_attention_mask" => mask = true,
                other => slots.push(slot(input).ok_or_else(|| odd(other))?),
            }
        }
        // Keys and values without the branch belong to a pair of files of which the other one writes the first token.
        if let Some(slot) = slots.first().filter(|_| !branch) {
            return Err(odd(&slot.input));
        }
        let given = |name: &str| session.outputs().iter().any(|output| output.name() == name);
        let missing =
            slots.iter().map(|slot| slot.output.as_str()).chain(["logits"]).find(|name| !given(name));
        if let Some(missing) = missing {
            return Err(ModelError::Output {
                model: name,
                expected: format!("an output {missing}"),
                actual: "none of that name".to_owned(),
            });
        }
        Ok(Self { name, session, slots, branch, mask })
    }

    fn failed(&self, source: ort::Error) -> ModelError {
        ModelError::Run { model: self.name.clone(), source }
    }

    fn first(&self, hidden: Tensor, count: usize) -> ort::Result<Memory> {
        let patches = hidden.shape.get(1).copied().unwrap_or(0);
        let TensorData::F32(numbers) = hidden.data else { return Err(ort::Error::new("not floats")) };
        let hidden = OrtTensor::from_array((hidden.shape, numbers))?;
        let ones = || OrtTensor::from_array(([count, patches], vec![1_i64; count * patches]));
        let mask = self.mask.then(ones).transpose()?;
        // The branch of the first step does not look at them, but a graph wants all of its inputs.
        let nothing = |slot: &Slot| {
            let numbers = vec![0.0_f32; count * slot.heads * slot.head];
            Ok(OrtTensor::from_array(([count, slot.heads, 1, slot.head], numbers))?.into_dyn())
        };
        let past = self.slots.iter().map(nothing).collect::<ort::Result<_>>()?;
        Ok(Memory { count, hidden, mask, past, done: 0 })
    }

    fn step(&mut self, memory: &mut Memory, written: &[Vec<i64>]) -> ort::Result<Option<DynValue>> {
        let later = self.branch && memory.done > 0;
        let from = if later { memory.done } else { 0 };
        let all = written.first().map_or(0, Vec::len);
        let ids: Vec<i64> = written.iter().flat_map(|text| &text[from..]).copied().collect();
        let ids = OrtTensor::from_array(([memory.count, all - from], ids))?;
        let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> =
            vec![("input_ids".into(), ids.into()), ("encoder_hidden_states".into(), (&memory.hidden).into())];
        if let Some(mask) = &memory.mask {
            inputs.push(("encoder_attention_mask".into(), mask.into()));
        }
        if self.branch {
            inputs.push(("use_cache_branch".into(), OrtTensor::from_array(([1], vec![later]))?.into()));
        }
        for (slot, past) in self.slots.iter().zip(&memory.past) {
            inputs.push((slot.input.as_str().into(), past.into()));
        }
        let mut logits = None;
        for (name, value) in self.session.run(inputs)? {
            if name == "logits" {
                logits = Some(value);
            } else if let Some(at) = self.slots.iter().position(|slot| slot.output == name)
                && !(later && self.slots[at].of_encoder)
            {
                memory.past[at] = value;
            }
        }
        memory.done = all;
        Ok(logits)
    }
}

impl Steps for OnnxDecoder {
    type Memory = Memory;

    fn begin(&mut self, hidden: Tensor, count: usize) -> Result<Memory, ModelError> {
        self.first(hidden, count).map_err(|source| self.failed(source))
    }

    fn next(&mut self, memory: &mut Memory, written: &[Vec<i64>]) -> Result<Logits, ModelError> {
        let logits = self.step(memory, written).map_err(|source| self.failed(source))?;
        let extracted = logits.as_ref().map(|logits| logits.try_extract_tensor::<f32>()).transpose();
        let (shape, numbers) = extracted.map_err(|source| self.failed(source))?.unzip();
        let shape: Vec<i64> = shape.map(|shape| shape.to_vec()).unwrap_or_default();
        let numbers = numbers.unwrap_or_default();
        last_of_each(&shape, numbers, memory.count).ok_or_else(|| ModelError::Output {
            model: self.name.clone(),
            expected: format!("logits of {} texts for each place and token", memory.count),
            actual: format!("{shape:?}"),
        })
    }
}

/// The logits at the last place of each text.
fn last_of_each(shape: &[i64], numbers: &[f32], count: usize) -> Option<Logits> {
    let [texts, places, vocabulary] = shape[..] else { return None };
    let [texts, places, vocabulary] = [texts, places, vocabulary].map(|n| usize::try_from(n).unwrap_or(0));
    if texts != count || places == 0 || vocabulary == 0 {
        return None;
    }
    let last = |text: &[f32]| text[(places - 1) * vocabulary..].to_vec();
    Some(Logits { numbers: numbers.chunks_exact(places * vocabulary).flat_map(last).collect(), vocabulary })
}

/// What goes round in the input of keys or values.
fn slot(input: &Outlet) -> Option<Slot> {
    let rest = input.name().strip_prefix("past_key_values.")?;
    let ValueType::Tensor { shape, .. } = input.dtype() else { return None };
    let [_, heads, _, head] = shape[..] else { return None };
    Some(Slot {
        input: input.name().to_owned(),
        output: format!("present.{rest}"),
        of_encoder: rest.contains(".encoder."),
        heads: usize::try_from(heads).ok().filter(|heads| *heads > 0)?,
        head: usize::try_from(head).ok().filter(|head| *head > 0)?,
    })
}
