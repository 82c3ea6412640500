//! What networks answer: numbers and their shape.

/// Numbers and their shape, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Length of each dimension, outermost first.
    pub shape: Vec<usize>,
    /// The numbers.
    pub data: TensorData,
}

/// The numbers of a [`Tensor`].
#[derive(Clone, Debug, PartialEq)]
pub enum TensorData {
    /// 32-bit floats.
    F32(Vec<f32>),
    /// Integers, in 64 bits whatever they were.
    I64(Vec<i64>),
    /// Bytes.
    U8(Vec<u8>),
}

impl Tensor {
    /// Without the rows after the first `rows`, if it has one for each of `of` pictures.
    pub(crate) fn cut(mut self, rows: usize, of: usize) -> Self {
        let Some(first) = self.shape.first_mut().filter(|first| **first == of && of > rows) else {
            return self;
        };
        let kept = |len: usize| len / *first * rows;
        match &mut self.data {
            TensorData::F32(data) => data.truncate(kept(data.len())),
            TensorData::I64(data) => data.truncate(kept(data.len())),
            TensorData::U8(data) => data.truncate(kept(data.len())),
        }
        *first = rows;
        self
    }

    /// With the rows of `other` behind its own.
    pub(crate) fn append(&mut self, other: Self) {
        match (&mut self.data, other.data) {
            (TensorData::F32(data), TensorData::F32(more)) => data.extend(more),
            (TensorData::I64(data), TensorData::I64(more)) => data.extend(more),
            (TensorData::U8(data), TensorData::U8(more)) => data.extend(more),
            _ => return,
        }
        if let (Some(rows), Some(more)) = (self.shape.first_mut(), other.shape.first()) {
            *rows += more;
        }
    }

    /// The floats, if it holds floats.
    pub fn as_f32(&self) -> Option<&[f32]> {
        if let TensorData::F32(data) = &self.data { Some(data) } else { None }
    }

    /// The integers, if it holds 64-bit integers.
    pub fn as_i64(&self) -> Option<&[i64]> {
        if let TensorData::I64(data) = &self.data { Some(data) } else { None }
    }

    /// The bytes, if it holds bytes.
    pub fn as_u8(&self) -> Option<&[u8]> {
        if let TensorData::U8(data) = &self.data { Some(data) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_only_filled_the_batch_are_cut_off() {
        let answer = Tensor { shape: vec![3, 2], data: TensorData::I64(vec![1, 2, 3, 4, 0, 0]) };

        let cut = answer.cut(2, 3);

        assert_eq!((cut.shape.as_slice(), cut.as_i64()), ([2, 2].as_slice(), Some([1, 2, 3, 4].as_slice())));
        assert_eq!(cut.clone().cut(2, 2), cut);
        assert_eq!(cut.clone().cut(1, 8), cut);
    }

    #[test]
    fn parts_of_a_batch_are_put_together_again() {
        let rows = |shape: [usize; 2], data: &[u8]| Tensor {
            shape: shape.into(),
            data: TensorData::U8(data.into()),
        };
        let mut all = rows([1, 2], &[1, 2]);

        all.append(rows([2, 2], &[3, 4, 5, 6]));

        assert_eq!(all, rows([3, 2], &[1, 2, 3, 4, 5, 6]));
    }
}
