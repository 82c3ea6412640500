//! `TensorProto`: the constants of a graph, by their field numbers in `onnx.proto`.

use super::{
    graph::element,
    wire::{Message, Value, read_varint, write_varint},
};

const DIMENSIONS: u32 = 1;
const KIND: u32 = 2;
const FLOATS: u32 = 4;
const INT64S: u32 = 7;
const NAME: u32 = 8;
const RAW: u32 = 9;

/// A `TensorProto` of 32-bit integers; no dimensions make a single number.
pub(super) fn int32s(name: &str, shape: &[u64], numbers: impl IntoIterator<Item = i32>) -> Message {
    raw(name, shape, element::INT32, numbers.into_iter().flat_map(i32::to_le_bytes).collect())
}

/// A `TensorProto` of 32-bit floats; no dimensions make a single number.
pub(super) fn floats(name: &str, shape: &[u64], numbers: &[f32]) -> Message {
    raw(name, shape, element::FLOAT, numbers.iter().copied().flat_map(f32::to_le_bytes).collect())
}

fn raw(name: &str, shape: &[u64], element: u64, raw: Vec<u8>) -> Message {
    let tensor = Message::default().with_text(NAME, name);
    let mut tensor = shape.iter().fold(tensor, |tensor, &length| tensor.with_number(DIMENSIONS, length));
    set_raw(&mut tensor, element, raw);
    tensor
}

/// A `TensorProto` of 64-bit integers; no dimensions make a single number.
pub(super) fn int64s(name: &str, shape: &[u64], numbers: &[i64]) -> Message {
    raw(name, shape, element::INT64, numbers.iter().copied().flat_map(i64::to_le_bytes).collect())
}

/// A `TensorProto` of bytes of the type `element`; no dimensions make a single number.
pub(super) fn bytes(name: &str, shape: &[u64], element: u64, bytes: Vec<u8>) -> Message {
    raw(name, shape, element, bytes)
}

/// Lengths of the dimensions of a `TensorProto`, outermost first.
pub(super) fn dimensions(tensor: &Message) -> Vec<u64> {
    let mut lengths = Vec::new();
    for (field, value) in &tensor.0 {
        match (*field, value) {
            (DIMENSIONS, Value::Number(length)) => lengths.push(*length),
            (DIMENSIONS, Value::Bytes(packed)) => {
                let mut at = 0;
                while let Some(length) = read_varint(packed, &mut at) {
                    lengths.push(length);
                }
            }
            _ => {}
        }
    }
    lengths
}

/// A small list of integers kept in a `TensorProto`; `None` for any other tensor.
pub(super) fn integers(tensor: &Message) -> Option<Vec<i64>> {
    if tensor.number(KIND) != Some(element::INT64) {
        return None;
    }
    if let Some(raw) = tensor.bytes(RAW) {
        return Some(raw.as_chunks().0.iter().map(|chunk| i64::from_le_bytes(*chunk)).collect());
    }
    let mut numbers = Vec::new();
    for (field, value) in &tensor.0 {
        match value {
            Value::Number(number) if *field == INT64S => numbers.push(*number as i64),
            Value::Bytes(packed) if *field == INT64S => {
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
    if tensor.number(KIND) != Some(element::FLOAT) {
        return None;
    }
    // Either all raw, or packed, or one field for each.
    let mut numbers = Vec::new();
    for (field, value) in &tensor.0 {
        match (*field, value) {
            (RAW | FLOATS, Value::Bytes(bytes)) => {
                numbers.extend(bytes.as_chunks().0.iter().map(|chunk| f32::from_le_bytes(*chunk)));
            }
            (FLOATS, Value::Fixed32(bytes)) => numbers.push(f32::from_le_bytes(*bytes)),
            _ => {}
        }
    }
    Some(numbers)
}

/// Writes `raw` over the numbers of `tensor`, which become of the type `element`.
pub(super) fn set_raw(tensor: &mut Message, element: u64, raw: Vec<u8>) {
    tensor.0.retain(|(field, _)| !matches!(*field, KIND | RAW | FLOATS));
    tensor.0.push((KIND, Value::Number(element)));
    tensor.0.push((RAW, Value::Bytes(raw)));
}

/// Writes `numbers` over the ones in `tensor`; their count must not change.
pub(super) fn set_integers(tensor: &mut Message, numbers: &[i64]) {
    let mut packed = Vec::new();
    for number in numbers {
        write_varint(&mut packed, *number as u64);
    }
    tensor.0.retain(|(field, _)| !matches!(*field, RAW | INT64S));
    tensor.0.push((INT64S, Value::Bytes(packed)));
}

/// The name of an initializer.
pub(super) fn name(tensor: &Message) -> Option<&str> {
    tensor.text(NAME)
}
