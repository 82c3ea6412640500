//! Writes small ONNX files, field by field as in `onnx.proto`, for tests with networks of a few nodes.

/// `TensorProto.DataType`.
pub(crate) const FLOAT: u64 = 1;
pub(crate) const INT32: u64 = 6;
pub(crate) const INT64: u64 = 7;

/// A graph while it grows.
#[derive(Default)]
pub(crate) struct Graph {
    fields: Vec<u8>,
}

/// A named list of integers, or one integer.
pub(crate) enum Attribute<'a> {
    One(&'a str, i64),
    List(&'a str, &'a [i64]),
}

impl Graph {
    /// An input; dimensions below 0 may have any length.
    pub(crate) fn input(mut self, name: &str, element: u64, dimensions: &[i64]) -> Self {
        bytes(&mut self.fields, 11, &declared(name, element, dimensions));
        self
    }

    /// An output.
    pub(crate) fn output(mut self, name: &str, element: u64, dimensions: &[i64]) -> Self {
        bytes(&mut self.fields, 12, &declared(name, element, dimensions));
        self
    }

    /// A constant.
    pub(crate) fn floats(self, name: &str, shape: &[i64], numbers: &[f32]) -> Self {
        self.constant(name, shape, FLOAT, &numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<_>>())
    }

    /// A constant.
    pub(crate) fn int64s(self, name: &str, shape: &[i64], numbers: &[i64]) -> Self {
        self.constant(name, shape, INT64, &numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<_>>())
    }

    /// A constant.
    pub(crate) fn int32s(self, name: &str, shape: &[i64], numbers: &[i32]) -> Self {
        self.constant(name, shape, INT32, &numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<_>>())
    }

    fn constant(mut self, name: &str, shape: &[i64], element: u64, raw: &[u8]) -> Self {
        let mut tensor = Vec::new();
        shape.iter().for_each(|length| number(&mut tensor, 1, *length as u64));
        number(&mut tensor, 2, element);
        bytes(&mut tensor, 8, name.as_bytes());
        bytes(&mut tensor, 9, raw);
        bytes(&mut self.fields, 5, &tensor);
        self
    }

    /// An operation with one output.
    pub(crate) fn node(
        mut self,
        operator: &str,
        inputs: &[&str],
        output: &str,
        attributes: &[Attribute],
    ) -> Self {
        let mut node = Vec::new();
        inputs.iter().for_each(|input| bytes(&mut node, 1, input.as_bytes()));
        bytes(&mut node, 2, output.as_bytes());
        bytes(&mut node, 4, operator.as_bytes());
        for attribute in attributes {
            let mut field = Vec::new();
            match attribute {
                Attribute::One(name, one) => {
                    bytes(&mut field, 1, name.as_bytes());
                    number(&mut field, 3, *one as u64);
                    number(&mut field, 20, 2);
                }
                Attribute::List(name, all) => {
                    bytes(&mut field, 1, name.as_bytes());
                    all.iter().for_each(|one| number(&mut field, 8, *one as u64));
                    number(&mut field, 20, 7);
                }
            }
            bytes(&mut node, 5, &field);
        }
        bytes(&mut self.fields, 1, &node);
        self
    }

    /// The file.
    pub(crate) fn file(mut self) -> Vec<u8> {
        bytes(&mut self.fields, 2, b"test");
        let (mut operators, mut model) = (Vec::new(), Vec::new());
        number(&mut operators, 2, 13);
        number(&mut model, 1, 8);
        bytes(&mut model, 8, &operators);
        bytes(&mut model, 7, &self.fields);
        model
    }
}

/// A `ValueInfoProto`.
fn declared(name: &str, element: u64, dimensions: &[i64]) -> Vec<u8> {
    let (mut shape, mut tensor, mut kind, mut info) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for &length in dimensions {
        let mut dimension = Vec::new();
        match u64::try_from(length) {
            Ok(length) => number(&mut dimension, 1, length),
            Err(_) => bytes(&mut dimension, 2, b"any"),
        }
        bytes(&mut shape, 1, &dimension);
    }
    number(&mut tensor, 1, element);
    bytes(&mut tensor, 2, &shape);
    bytes(&mut kind, 1, &tensor);
    bytes(&mut info, 1, name.as_bytes());
    bytes(&mut info, 2, &kind);
    info
}

fn number(out: &mut Vec<u8>, field: u32, value: u64) {
    varint(out, u64::from(field) << 3);
    varint(out, value);
}

fn bytes(out: &mut Vec<u8>, field: u32, value: &[u8]) {
    varint(out, u64::from(field) << 3 | 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
