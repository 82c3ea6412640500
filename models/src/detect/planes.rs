//! RGB pixels into the planes of a tensor.

use crate::manifest::{Channels, Normalise};

/// Blue first, black is -1, white is 1: what the recognisers and detectors of PP-OCR were trained on.
pub(crate) const SYMMETRIC: Normalise = Normalise { channels: Channels::Bgr, mean: [0.5; 3], std: [0.5; 3] };

/// Writes packed RGB rows of `width` pixels to the top left of `planes` (three planes, rows of `stride`).
///
/// What does not fit is left out; what is not covered keeps its value.
pub(crate) fn write_planes(
    planes: &mut [f32],
    stride: usize,
    rgb: &[u8],
    width: usize,
    normalise: &Normalise,
) {
    if width == 0 || stride == 0 {
        return;
    }
    let plane_len = (planes.len() / 3).max(1);
    let channels = normalise.channels.from_rgb().into_iter().zip(normalise.tables());
    for (plane, (channel, table)) in planes.chunks_exact_mut(plane_len).zip(channels) {
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

        write_planes(&mut planes, 2, &[255, 0, 0], 1, &SYMMETRIC);

        assert_eq!(planes, [-1.0, 7.0, 7.0, 7.0, -1.0, 7.0, 7.0, 7.0, 1.0, 7.0, 7.0, 7.0]);
    }
}
