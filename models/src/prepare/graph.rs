//! The parts of an ONNX graph that the steps touch, by their field numbers in `onnx.proto`.

use super::{
    GraphError,
    wire::{Message, Value, read_varint, write_varint},
};

/// Fields of `ModelProto`.
pub(super) mod model {
    pub(in super::super) const GRAPH: u32 = 7;
    pub(in super::super) const OPERATOR_SETS: u32 = 8;
}

/// Fields of `GraphProto`.
pub(super) mod fields {
    pub(in super::super) const NODE: u32 = 1;
    pub(in super::super) const INITIALIZER: u32 = 5;
    pub(in super::super) const INPUT: u32 = 11;
    pub(in super::super) const OUTPUT: u32 = 12;
    pub(in super::super) const VALUE_INFO: u32 = 13;
}

/// Fields of `NodeProto`.
pub(super) mod node {
    pub(in super::super) const INPUT: u32 = 1;
    pub(in super::super) const OUTPUT: u32 = 2;
    pub(in super::super) const NAME: u32 = 3;
    pub(in super::super) const OPERATOR: u32 = 4;
    pub(in super::super) const ATTRIBUTE: u32 = 5;
}

/// Fields of `AttributeProto`.
pub(super) mod attribute {
    pub(in super::super) const NAME: u32 = 1;
    pub(in super::super) const NUMBER: u32 = 3;
    pub(in super::super) const TENSOR: u32 = 5;
    pub(in super::super) const NUMBERS: u32 = 8;
    pub(in super::super) const KIND: u32 = 20;
    /// `AttributeType`: an integer, and a list of them.
    pub(in super::super) const INT: u64 = 2;
    pub(in super::super) const INTS: u64 = 7;
}

/// Fields of `TensorProto`.
mod tensor {
    pub(super) const DIMENSIONS: u32 = 1;
    pub(super) const KIND: u32 = 2;
    pub(super) const FLOATS: u32 = 4;
    pub(super) const INT64S: u32 = 7;
    pub(super) const NAME: u32 = 8;
    pub(super) const RAW: u32 = 9;
}

/// Fields of `ValueInfoProto`, `TypeProto`, its tensor type, `TensorShapeProto` and its dimension.
pub(super) mod value {
    pub(in super::super) const NAME: u32 = 1;
    pub(in super::super) const TYPE: u32 = 2;
    pub(in super::super) const TENSOR_TYPE: u32 = 1;
    pub(in super::super) const ELEMENT: u32 = 1;
    pub(in super::super) const SHAPE: u32 = 2;
    pub(in super::super) const DIMENSION: u32 = 1;
    pub(in super::super) const DIMENSION_LENGTH: u32 = 1;
    pub(in super::super) const DIMENSION_NAME: u32 = 2;
}

/// `TensorProto.DataType`.
pub(super) mod element {
    pub(in super::super) const FLOAT: u64 = 1;
    pub(in super::super) const UINT8: u64 = 2;
    pub(in super::super) const INT32: u64 = 6;
    pub(in super::super) const INT64: u64 = 7;
    pub(in super::super) const FLOAT16: u64 = 10;
}

/// An ONNX file taken apart: the model without its graph, and the graph.
pub(super) struct Parts {
    /// The operator set of the standard domain.
    pub(super) operator_set: u64,
    /// The graph.
    pub(super) graph: Message,
}

/// Applies `change` to the graph inside the ONNX file `bytes`.
pub(super) fn edit(
    bytes: &[u8],
    change: impl FnOnce(&mut Parts) -> Result<(), GraphError>,
) -> Result<Vec<u8>, GraphError> {
    let mut model = Message::parse(bytes)?;
    let graph = Message::parse(model.bytes(model::GRAPH).ok_or(GraphError::NoGraph)?)?;
    let mut parts = Parts { operator_set: operator_set(&model)?, graph };
    change(&mut parts)?;
    // The shapes noted inside the graph were those before the change; the runtime infers them anew.
    parts.graph.0.retain(|(field, _)| *field != fields::VALUE_INFO);
    for (field, value) in &mut model.0 {
        if *field == model::GRAPH {
            *value = Value::Bytes(parts.graph.encode());
        }
    }
    Ok(model.encode())
}

/// The version in the entry without a domain name.
fn operator_set(model: &Message) -> Result<u64, GraphError> {
    for entry in model.all(model::OPERATOR_SETS) {
        let entry = Message::parse(entry)?;
        if entry.text(1).unwrap_or_default().is_empty() {
            return Ok(entry.number(2).unwrap_or(0));
        }
    }
    Ok(0)
}

/// Replaces the dimensions of a graph input or output by what `change` makes of them.
pub(super) fn change_dimensions(
    info: &mut Message,
    mut change: impl FnMut(&mut Vec<(u32, Value)>),
) -> Result<(), GraphError> {
    info.change_each(value::TYPE, |kind| {
        kind.change_each(value::TENSOR_TYPE, |tensor| {
            tensor.change_each(value::SHAPE, |shape| {
                change(&mut shape.0);
                Ok(())
            })
        })
    })
}

/// A dimension of any length, called `name`.
pub(super) fn named_dimension(name: &str) -> (u32, Value) {
    let dimension = Message::default().with_text(value::DIMENSION_NAME, name);
    (value::DIMENSION, Value::Bytes(dimension.encode()))
}

/// The length of a dimension; `None` when it is a name.
pub(super) fn fixed_length(dimension: &Value) -> Option<u64> {
    let Value::Bytes(dimension) = dimension else { return None };
    Message::parse(dimension).ok()?.number(value::DIMENSION_LENGTH)
}

/// A `TensorProto` of 32-bit integers; no dimensions make a single number.
pub(super) fn int32s(name: &str, shape: &[u64], numbers: impl IntoIterator<Item = i32>) -> Message {
    raw_tensor(name, shape, element::INT32, numbers.into_iter().flat_map(i32::to_le_bytes).collect())
}

/// A `TensorProto` of 32-bit floats; no dimensions make a single number.
pub(super) fn floats(name: &str, shape: &[u64], numbers: &[f32]) -> Message {
    raw_tensor(name, shape, element::FLOAT, numbers.iter().copied().flat_map(f32::to_le_bytes).collect())
}

fn raw_tensor(name: &str, shape: &[u64], element: u64, raw: Vec<u8>) -> Message {
    let tensor = Message::default().with_text(tensor::NAME, name);
    let mut tensor =
        shape.iter().fold(tensor, |tensor, &length| tensor.with_number(tensor::DIMENSIONS, length));
    set_raw(&mut tensor, element, raw);
    tensor
}

/// A node with one output, which has its name.
pub(super) fn operation(operator: &str, inputs: &[&str], output: &str) -> Message {
    let node = inputs.iter().fold(Message::default(), |node, input| node.with_text(node::INPUT, input));
    node.with_text(node::OUTPUT, output).with_text(node::NAME, output).with_text(node::OPERATOR, operator)
}

/// The attribute `name` with one integer.
pub(super) fn integer(name: &str, number: i64) -> Message {
    Message::default()
        .with_text(attribute::NAME, name)
        .with_number(attribute::NUMBER, number as u64)
        .with_number(attribute::KIND, attribute::INT)
}

/// The attribute `name` with a list of integers.
pub(super) fn integer_list(name: &str, numbers: &[i64]) -> Message {
    let attribute = Message::default().with_text(attribute::NAME, name);
    let with_all =
        numbers.iter().fold(attribute, |a, &number| a.with_number(attribute::NUMBERS, number as u64));
    with_all.with_number(attribute::KIND, attribute::INTS)
}

/// Makes the declaration of an input or output one of the tensor `name` of the type `element`.
pub(super) fn redeclare(info: &mut Message, name: &str, element: u64) -> Result<(), GraphError> {
    info.change_each(value::TYPE, |kind| {
        kind.change_each(value::TENSOR_TYPE, |tensor| {
            tensor.0.retain(|(field, _)| *field != value::ELEMENT);
            tensor.0.insert(0, (value::ELEMENT, Value::Number(element)));
            Ok(())
        })
    })?;
    info.0.retain(|(field, _)| *field != value::NAME);
    info.0.insert(0, (value::NAME, Value::Bytes(name.as_bytes().to_vec())));
    Ok(())
}

/// A small list of integers kept in a `TensorProto`; `None` for any other tensor.
pub(super) fn integers(tensor: &Message) -> Option<Vec<i64>> {
    if tensor.number(tensor::KIND) != Some(element::INT64) {
        return None;
    }
    if let Some(raw) = tensor.bytes(tensor::RAW) {
        return Some(raw.as_chunks().0.iter().map(|chunk| i64::from_le_bytes(*chunk)).collect());
    }
    let mut numbers = Vec::new();
    for (field, value) in &tensor.0 {
        match value {
            Value::Number(number) if *field == tensor::INT64S => numbers.push(*number as i64),
            Value::Bytes(packed) if *field == tensor::INT64S => {
                let mut at = 0;
                while at < packed.len() {
                    numbers.push(read_varint(packed, &mut at)? as i64);
                }
            }
            _ => {}
        }
    }
    Some(numbers)
}

/// The numbers of a `TensorProto` of 32-bit floats; `None` for any other tensor.
pub(super) fn float_numbers(tensor: &Message) -> Option<Vec<f32>> {
    if tensor.number(tensor::KIND) != Some(element::FLOAT) {
        return None;
    }
    // Either all raw, or packed, or one field for each.
    let mut numbers = Vec::new();
    for (field, value) in &tensor.0 {
        match (*field, value) {
            (tensor::RAW | tensor::FLOATS, Value::Bytes(bytes)) => {
                numbers.extend(bytes.as_chunks().0.iter().map(|chunk| f32::from_le_bytes(*chunk)));
            }
            (tensor::FLOATS, Value::Fixed32(bytes)) => numbers.push(f32::from_le_bytes(*bytes)),
            _ => {}
        }
    }
    Some(numbers)
}

/// Writes `raw` over the numbers of `tensor`, which become of the type `element`.
pub(super) fn set_raw(tensor: &mut Message, element: u64, raw: Vec<u8>) {
    tensor.0.retain(|(field, _)| !matches!(*field, tensor::KIND | tensor::RAW | tensor::FLOATS));
    tensor.0.push((tensor::KIND, Value::Number(element)));
    tensor.0.push((tensor::RAW, Value::Bytes(raw)));
}

/// The type of the numbers of a declared input or output.
pub(super) fn element_type(info: &Message) -> Result<Option<u64>, GraphError> {
    let Some(kind) = info.bytes(value::TYPE) else { return Ok(None) };
    let Some(tensor) = Message::parse(kind)?.bytes(value::TENSOR_TYPE).map(Message::parse) else {
        return Ok(None);
    };
    Ok(tensor?.number(value::ELEMENT))
}

/// Writes `numbers` over the ones in `tensor`; their count must not change.
pub(super) fn set_integers(tensor: &mut Message, numbers: &[i64]) {
    let mut packed = Vec::new();
    for number in numbers {
        write_varint(&mut packed, *number as u64);
    }
    tensor.0.retain(|(field, _)| !matches!(*field, tensor::RAW | tensor::INT64S));
    tensor.0.push((tensor::INT64S, Value::Bytes(packed)));
}

/// The name of an initializer.
pub(super) fn tensor_name(tensor: &Message) -> Option<&str> {
    tensor.text(tensor::NAME)
}
