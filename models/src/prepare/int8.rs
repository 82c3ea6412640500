//! Step `int8`: convolutions and products with constant weights compute in bytes.
//!
//! ```text
//!  input ─▶ Add(-low) ─▶ QuantizeLinear ─▶ DequantizeLinear ─▶ Conv or MatMul ─▶ as before
//!                        0 … 255            the runtime sees     weights: bytes, a scale for each output
//!                        of low … high      this and computes    bias: less what the shift added
//!                                           in bytes
//! ```
//!
//! The manifest says between which numbers each input lies, as measured on documents; numbers outside are cut. An input with
//! negative numbers is first shifted up: products of unsigned and signed bytes are what processors are fast at, and
//! OpenVINO computes wrongly when both are signed. What the shift adds is the same for every place, so the bias takes it off.
//! Where a convolution looks over the edge, that does not hold, and it stays as it is.
//!
//! Quantisation as in Jacob et al., Quantization and Training of Neural Networks for Efficient
//! Integer-Arithmetic-Only Inference, 2018: weights symmetric per channel, inputs by an affine map per tensor.

use std::collections::{BTreeSet, HashMap};

use super::{
    GraphError,
    graph::{self, Parts, element, fields, integer, node, operation},
    operator_set, tensor,
    wire::Message,
};
use crate::manifest::Range;

/// The largest weight as a byte.
const MOST: f32 = 127.0;
/// Steps between the lowest and the highest input.
const STEPS: f32 = 255.0;
/// The zero of unsigned bytes, in the graph.
const ZERO: &str = "int8_zero";

/// Lets nodes whose input is in `ranges` compute in bytes.
pub(super) fn apply(parts: &mut Parts, ranges: &[Range]) -> Result<(), GraphError> {
    operator_set::raise(parts)?;
    let nodes = graph::nodes(&parts.graph)?;
    let mut writer = Writer::new(&parts.graph, ranges)?;
    nodes.into_iter().for_each(|each| writer.write(each));
    if let Some(range) = ranges.iter().find(|range| !writer.quantised.contains(&range.tensor)) {
        return Err(GraphError::Range(range.tensor.clone()));
    }
    let Writer { nodes, constants, .. } = writer;
    graph::set_nodes(&mut parts.graph, &nodes);
    let whole = std::mem::take(&mut parts.graph)
        .with(fields::INITIALIZER, &tensor::bytes(ZERO, &[], element::UINT8, vec![0]));
    parts.graph = constants.iter().fold(whole, |graph, each| graph.with(fields::INITIALIZER, each));
    graph::drop_unused(&mut parts.graph)
}

/// A node that can compute in bytes.
pub(super) struct Product {
    /// The name of what is multiplied.
    pub(super) input: String,
    weights: Message,
    bias: Option<Message>,
    /// Which dimension of the weights are the outputs.
    outputs: usize,
    /// Whether zeros from beyond the edge are among what is multiplied.
    pub(super) padded: bool,
}

impl Product {
    /// What `node` multiplies; none when its weights are no constants or each belongs to one channel alone.
    pub(super) fn of(each: &Message, constants: &HashMap<String, Message>) -> Option<Self> {
        let inputs = graph::names(each, node::INPUT);
        let weights = constants.get(inputs.get(1)?)?.clone();
        let bias = inputs.get(2).and_then(|name| constants.get(name)).cloned();
        let list = |name| graph::attribute(each, name).map(|found| graph::attribute_integers(&found));
        let rank = tensor::dimensions(&weights).len();
        let (outputs, padded) = match each.text(node::OPERATOR)? {
            "Conv" if rank == 4 && list("group").is_none_or(|group| group == [1]) => {
                let named = list("auto_pad").is_some();
                (0, named || list("pads").is_some_and(|pads| pads.iter().any(|&pad| pad != 0)))
            }
            "MatMul" if rank == 2 => (1, false),
            _ => return None,
        };
        Some(Self { input: inputs.first()?.clone(), weights, bias, outputs, padded })
    }

    /// How many weights it has.
    pub(super) fn weights(&self) -> u64 {
        tensor::dimensions(&self.weights).iter().product()
    }

    /// Numbers that one output takes from one place of the input.
    pub(super) fn depth(&self) -> u64 {
        tensor::dimensions(&self.weights).get(1 - self.outputs).copied().unwrap_or(0)
    }
}

/// The constants of `graph` by their names.
pub(super) fn constants(graph: &Message) -> Result<HashMap<String, Message>, GraphError> {
    let named = |bytes| {
        let constant = Message::parse(bytes)?;
        Ok((tensor::name(&constant).unwrap_or_default().to_owned(), constant))
    };
    graph.all(fields::INITIALIZER).map(named).collect()
}

/// Writes the nodes anew.
struct Writer<'a> {
    ranges: HashMap<&'a str, &'a Range>,
    known: HashMap<String, Message>,
    quantised: BTreeSet<String>,
    nodes: Vec<Message>,
    constants: Vec<Message>,
}

impl<'a> Writer<'a> {
    fn new(graph: &Message, ranges: &'a [Range]) -> Result<Self, GraphError> {
        Ok(Self {
            ranges: ranges.iter().map(|range| (range.tensor.as_str(), range)).collect(),
            known: constants(graph)?,
            quantised: BTreeSet::new(),
            nodes: Vec::new(),
            constants: Vec::new(),
        })
    }

    fn write(&mut self, each: Message) {
        let product = Product::of(&each, &self.known);
        let found = product.and_then(|product| {
            let range = *self.ranges.get(product.input.as_str())?;
            let weights = Bytes::of(&product)?;
            (range.low >= 0.0 || !product.padded).then_some((product, range, weights))
        });
        match found {
            Some((product, range, weights)) => {
                self.write_input(range);
                self.write_product(&each, &product, range, &weights);
            }
            None => self.nodes.push(each),
        }
    }

    /// The input in bytes, once for all that take it.
    fn write_input(&mut self, range: &Range) {
        let name = range.tensor.as_str();
        if !self.quantised.insert(name.to_owned()) {
            return;
        }
        let [shift, shifted, scale, bytes] =
            ["shift", "shifted", "scale", "bytes"].map(|part| of(name, part));
        let mut source = name;
        if range.shift() > 0.0 {
            self.constants.push(tensor::floats(&shift, &[], &[range.shift()]));
            self.nodes.push(operation("Add", &[name, &shift], &shifted));
            source = &shifted;
        }
        self.constants.push(tensor::floats(&scale, &[], &[(range.high + range.shift()) / STEPS]));
        self.nodes.push(operation("QuantizeLinear", &[source, &scale, ZERO], &bytes));
        self.nodes.push(operation("DequantizeLinear", &[&bytes, &scale, ZERO], &of(name, "input")));
    }

    /// The node with weights of bytes, and a bias that takes off what the shift adds.
    fn write_product(&mut self, each: &Message, product: &Product, range: &Range, weights: &Bytes) {
        let output = each.text(node::OUTPUT).unwrap_or_default();
        let [bytes, scales, zeros, bias, wide] =
            ["weight_bytes", "weight_scales", "weight_zeros", "bias", "weights"].map(|part| of(output, part));
        let count = weights.scales.len() as u64;
        self.constants.extend([
            tensor::bytes(&bytes, &weights.shape, element::INT8, weights.bytes.clone()),
            tensor::floats(&scales, &[count], &weights.scales),
            tensor::bytes(&zeros, &[count], element::INT8, vec![0; weights.scales.len()]),
        ]);
        let axis = integer("axis", product.outputs as i64);
        self.nodes.push(
            operation("DequantizeLinear", &[&bytes, &scales, &zeros], &wide).with(node::ATTRIBUTE, &axis),
        );
        let start = product.bias.as_ref().and_then(tensor::float_numbers).unwrap_or_default();
        let numbers: Vec<f32> = (0..weights.scales.len())
            .map(|at| start.get(at).unwrap_or(&0.0) - range.shift() * weights.sums[at])
            .collect();
        let input = of(&range.tensor, "input");
        let convolves = each.text(node::OPERATOR) == Some("Conv");
        if convolves || range.shift() > 0.0 {
            self.constants.push(tensor::floats(&bias, &[count], &numbers));
        }
        if convolves {
            self.nodes.push(graph::with_inputs(each, &[&input, &wide, &bias]));
        } else if range.shift() > 0.0 {
            let shifted = of(output, "shifted_product");
            self.nodes.push(operation("MatMul", &[&input, &wide], &shifted));
            self.nodes.push(operation("Add", &[&shifted, &bias], output));
        } else {
            self.nodes.push(graph::with_inputs(each, &[&input, &wide]));
        }
    }
}

/// The name of a part of what belongs to `tensor`.
fn of(tensor: &str, part: &str) -> String {
    format!("{tensor}_int8_{part}")
}

/// Weights as signed bytes.
struct Bytes {
    shape: Vec<u64>,
    bytes: Vec<u8>,
    /// What a byte of each output is worth.
    scales: Vec<f32>,
    /// The sum of the weights of each output, as the bytes have them.
    sums: Vec<f32>,
}

impl Bytes {
    /// None when the weights are no 32-bit floats of their shape.
    fn of(product: &Product) -> Option<Self> {
        let shape = tensor::dimensions(&product.weights);
        let numbers = tensor::float_numbers(&product.weights)?;
        let count = usize::try_from(*shape.get(product.outputs)?).ok().filter(|&count| count > 0)?;
        if numbers.is_empty() || !numbers.len().is_multiple_of(count) {
            return None;
        }
        // The outputs are the first dimension, or the last of two.
        let inner = if product.outputs == 0 { numbers.len() / count } else { 1 };
        let output = |at: usize| at / inner % count;
        let mut scales = vec![0.0_f32; count];
        for (at, number) in numbers.iter().enumerate() {
            scales[output(at)] = scales[output(at)].max(number.abs() / MOST);
        }
        scales.iter_mut().filter(|scale| !scale.is_normal()).for_each(|scale| *scale = 1.0);
        let mut sums = vec![0.0; count];
        let byte = |(at, number): (usize, &f32)| {
            let byte = (number / scales[output(at)]).round().clamp(-MOST, MOST) as i8;
            sums[output(at)] += f32::from(byte) * scales[output(at)];
            byte.cast_unsigned()
        };
        let bytes = numbers.iter().enumerate().map(byte).collect();
        Some(Self { shape, bytes, scales, sums })
    }
}
