//! The parts of an ONNX graph that the steps touch, by their field numbers in `onnx.proto`.

use std::collections::HashSet;

use super::{
    GraphError, tensor,
    wire::{Message, Value, read_varint},
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
    pub(in super::super) const INT8: u64 = 3;
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
    let before = parts.operator_set;
    change(&mut parts)?;
    if parts.operator_set != before {
        set_operator_set(&mut model, parts.operator_set)?;
    }
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

/// Writes the version into the entry without a domain name.
fn set_operator_set(model: &mut Message, version: u64) -> Result<(), GraphError> {
    model.change_each(model::OPERATOR_SETS, |entry| {
        if entry.text(1).unwrap_or_default().is_empty() {
            entry.0.retain(|(field, _)| *field != 2);
            entry.0.push((2, Value::Number(version)));
        }
        Ok(())
    })
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

/// The attribute `name` of `node`.
pub(super) fn attribute(node: &Message, name: &str) -> Option<Message> {
    let mut all = node.all(node::ATTRIBUTE).filter_map(|bytes| Message::parse(bytes).ok());
    all.find(|attribute| attribute.text(attribute::NAME) == Some(name))
}

/// The integers of an attribute: its list, or its one number.
pub(super) fn attribute_integers(attribute: &Message) -> Vec<i64> {
    let mut numbers = Vec::new();
    for (field, value) in &attribute.0 {
        match (*field, value) {
            (attribute::NUMBER | attribute::NUMBERS, Value::Number(number)) => {
                numbers.push(number.cast_signed());
            }
            (attribute::NUMBERS, Value::Bytes(packed)) => {
                let mut at = 0;
                while let Some(number) = read_varint(packed, &mut at) {
                    numbers.push(number.cast_signed());
                }
            }
            _ => {}
        }
    }
    numbers
}

/// The names of the inputs of `node`, or of its outputs.
pub(super) fn names(node: &Message, field: u32) -> Vec<String> {
    node.all(field).map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

/// The nodes, in their order.
pub(super) fn nodes(graph: &Message) -> Result<Vec<Message>, GraphError> {
    graph.all(fields::NODE).map(Message::parse).collect()
}

/// Puts `nodes` in the place of all that are there.
pub(super) fn set_nodes(graph: &mut Message, nodes: &[Message]) {
    graph.0.retain(|(field, _)| *field != fields::NODE);
    graph.0.extend(nodes.iter().map(|node| (fields::NODE, Value::Bytes(node.encode()))));
}

/// The initializer `name`.
pub(super) fn initializer(graph: &Message, name: &str) -> Option<Message> {
    let mut all = graph.all(fields::INITIALIZER);
    all.find_map(|bytes| Message::parse(bytes).ok().filter(|tensor| tensor::name(tensor) == Some(name)))
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

/// The type of the numbers of a declared input or output.
pub(super) fn element_type(info: &Message) -> Result<Option<u64>, GraphError> {
    let Some(kind) = info.bytes(value::TYPE) else { return Ok(None) };
    let Some(tensor) = Message::parse(kind)?.bytes(value::TENSOR_TYPE).map(Message::parse) else {
        return Ok(None);
    };
    Ok(tensor?.number(value::ELEMENT))
}

/// `each` with other inputs.
pub(super) fn with_inputs(each: &Message, inputs: &[&str]) -> Message {
    let mut changed = each.clone();
    changed.0.retain(|(field, _)| *field != node::INPUT);
    inputs.iter().fold(changed, |node, input| node.with_text(node::INPUT, input))
}

/// Takes the attribute `name` off `each`.
pub(super) fn drop_attribute(each: &mut Message, name: &str) {
    each.0.retain(|(field, value)| {
        let Value::Bytes(bytes) = value else { return true };
        let named = |attribute: Message| attribute.text(attribute::NAME) == Some(name);
        *field != node::ATTRIBUTE || !Message::parse(bytes).is_ok_and(named)
    });
}

/// Drops the constants that no node takes any more.
pub(super) fn drop_unused(graph: &mut Message) -> Result<(), GraphError> {
    let used: HashSet<String> = nodes(graph)?.iter().flat_map(|each| names(each, node::INPUT)).collect();
    graph.0.retain(|(field, value)| {
        let Value::Bytes(bytes) = value else { return true };
        let is_used = |constant: Message| tensor::name(&constant).is_some_and(|name| used.contains(name));
        *field != fields::INITIALIZER || Message::parse(bytes).is_ok_and(is_used)
    });
    Ok(())
}
