//! The wire format of ONNX files, as far as editing needs it.
//!
//! A message is a list of numbered fields; what the editor does not know it copies. So
//! a file keeps its weights and metadata without a generated class for each message.

use super::GraphError;

/// Fields in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message(pub(super) Vec<(u32, Value)>);

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Number(u64),
    Fixed64([u8; 8]),
    /// A string, a message, or packed numbers.
    Bytes(Vec<u8>),
    Fixed32([u8; 4]),
}

impl Message {
    /// Reads the fields of `bytes`, but not what is inside them.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, GraphError> {
        let mut at = 0;
        let mut fields = Vec::new();
        while at < bytes.len() {
            let start = at;
            let field = read_field(bytes, &mut at).ok_or(GraphError::Damaged(start))?;
            fields.push(field);
        }
        Ok(Self(fields))
    }

    /// The bytes of the message.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for (number, value) in &self.0 {
            let (kind, length) = match value {
                Value::Number(_) => (0, None),
                Value::Fixed64(_) => (1, None),
                Value::Bytes(bytes) => (2, Some(bytes.len() as u64)),
                Value::Fixed32(_) => (5, None),
            };
            write_varint(&mut out, u64::from(*number) << 3 | kind);
            if let Some(length) = length {
                write_varint(&mut out, length);
            }
            match value {
                Value::Number(number) => write_varint(&mut out, *number),
                Value::Fixed64(bytes) => out.extend_from_slice(bytes),
                Value::Bytes(bytes) => out.extend_from_slice(bytes),
                Value::Fixed32(bytes) => out.extend_from_slice(bytes),
            }
        }
        out
    }

    /// All byte values of field `number`.
    pub(super) fn all(&self, number: u32) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter_map(move |(field, value)| match value {
            Value::Bytes(bytes) if *field == number => Some(bytes.as_slice()),
            _ => None,
        })
    }

    /// The first byte value of field `number`.
    pub(super) fn bytes(&self, number: u32) -> Option<&[u8]> {
        self.all(number).next()
    }

    /// The first byte value of field `number` as text.
    pub(super) fn text(&self, number: u32) -> Option<&str> {
        self.bytes(number).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The first plain number in field `number`.
    pub(super) fn number(&self, number: u32) -> Option<u64> {
        self.0.iter().find_map(|(field, value)| match value {
            Value::Number(value) if *field == number => Some(*value),
            _ => None,
        })
    }

    /// Puts the encoded `message` into field `number`.
    #[must_use]
    pub(super) fn with(self, number: u32, message: &Self) -> Self {
        self.with_bytes(number, message.encode())
    }

    /// Puts text into field `number`.
    #[must_use]
    pub(super) fn with_text(self, number: u32, text: &str) -> Self {
        self.with_bytes(number, text.as_bytes().to_vec())
    }

    /// Puts a plain number into field `number`.
    #[must_use]
    pub(super) fn with_number(mut self, number: u32, value: u64) -> Self {
        self.0.push((number, Value::Number(value)));
        self
    }

    fn with_bytes(mut self, number: u32, bytes: Vec<u8>) -> Self {
        self.0.push((number, Value::Bytes(bytes)));
        self
    }

    /// Replaces each message in field `number` by what `change` makes of it.
    pub(super) fn change_each(
        &mut self,
        number: u32,
        mut change: impl FnMut(&mut Self) -> Result<(), GraphError>,
    ) -> Result<(), GraphError> {
        for (field, value) in &mut self.0 {
            if let (true, Value::Bytes(bytes)) = (*field == number, value) {
                let mut message = Self::parse(bytes)?;
                change(&mut message)?;
                *bytes = message.encode();
            }
        }
        Ok(())
    }
}

fn read_field(bytes: &[u8], at: &mut usize) -> Option<(u32, Value)> {
    let tag = read_varint(bytes, at)?;
    let number = u32::try_from(tag >> 3).ok()?;
    let value = match tag & 7 {
        0 => Value::Number(read_varint(bytes, at)?),
        1 => Value::Fixed64(take(bytes, at, 8)?.try_into().ok()?),
        2 => {
            let length = usize::try_from(read_varint(bytes, at)?).ok()?;
            Value::Bytes(take(bytes, at, length)?.to_vec())
        }
        5 => Value::Fixed32(take(bytes, at, 4)?.try_into().ok()?),
        _ => return None,
    };
    Some((number, value))
}

fn take<'a>(bytes: &'a [u8], at: &mut usize, length: usize) -> Option<&'a [u8]> {
    let taken = bytes.get(*at..at.checked_add(length)?)?;
    *at += length;
    Some(taken)
}

/// Seven bits a byte, lowest first, the top bit says that more follow.
pub(super) fn read_varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

pub(super) fn write_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_written_back_byte_for_byte() {
        let inner = Message::default().with_text(2, "batch").with_number(1, u64::MAX);
        let mut message = Message::default().with(7, &inner).with_number(1, 300);
        message.0.push((9, Value::Fixed32([1, 2, 3, 4])));
        message.0.push((10, Value::Fixed64([8; 8])));

        let bytes = message.encode();

        assert_eq!(Message::parse(&bytes), Ok(message));
    }

    #[test]
    fn a_file_that_breaks_off_is_an_error() {
        let bytes = Message::default().with_text(1, "twelve bytes").encode();

        for length in 1..bytes.len() {
            assert_eq!(Message::parse(&bytes[..length]), Err(GraphError::Damaged(0)), "{length}");
        }
    }
}
