//! RGB pixels into the planes that the networks were trained on: blue first, normalised.

/// Blue, green, red: the channel order of all networks here.
const PLANES: [usize; 3] = [2, 1, 0];

/// Mean and deviation per plane, in the order of the planes, for values of 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalization {
    /// Subtracted.
    pub mean: [f32; 3],
    /// Divided by.
    pub deviation: [f32; 3],
}

impl Normalization {
    /// Black is -1, white is 1.
    pub const SYMMETRIC: Self = Self { mean: [0.5; 3], deviation: [0.5; 3] };

    /// A byte of plane `plane` as the network wants it.
    pub fn apply(&self, plane: usize, byte: u8) -> f32 {
        (f32::from(byte) / 255.0 - self.mean[plane]) / self.deviation[plane]
    }

    fn table(&self, plane: usize) -> [f32; 256] {
        std::array::from_fn(|byte| self.apply(plane, byte as u8))
    }
}

/// Writes packed RGB rows of `width` pixels to the top left of `planes` (three planes, rows of `stride`).
///
/// What does not fit is left out; what is not covered keeps its value.
pub fn write_planes(
    planes: &mut [f32],
    stride: usize,
    rgb: &[u8],
    width: usize,
    normalization: &Normalization,
) {
    if width == 0 || stride == 0 {
        return;
    }
    let plane_len = planes.len() / PLANES.len();
    for (index, channel) in PLANES.into_iter().enumerate() {
        let table = normalization.table(index);
        let plane = &mut planes[index * plane_len..][..plane_len];
        for (target, source) in plane.chunks_exact_mut(stride).zip(rgb.chunks_exact(width * 3)) {
            for (value, pixel) in target.iter_mut().zip(source.chunks_exact(3)) {
                *value = table[usize::from(pixel[channel])];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blue_comes_first_and_the_margin_keeps_its_value() {
        let mut planes = vec![7.0; 3 * 2 * 2];

        write_planes(&mut planes, 2, &[255, 0, 0], 1, &Normalization::SYMMETRIC);

        assert_eq!(planes, [-1.0, 7.0, 7.0, 7.0, -1.0, 7.0, 7.0, 7.0, 1.0, 7.0, 7.0, 7.0]);
    }
}
