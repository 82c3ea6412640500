//! The network that tells whether a line is upside down.

use crate::{
    detect::write_planes,
    error::ModelError,
    manifest::Normalise,
    recognize::{LINE_HEIGHT, LineImage},
    session::{Session, Tensor},
};

/// Width of a line as the network sees it.
const LINE_WIDTH: usize = 192;

/// Of longer lines the network sees no more than the first so many pixels: squeezed further, letters vanish.
const MOST_SEEN: usize = 256;

/// How likely a line is upside down, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct HalfTurn(pub f32);

/// Lines in one tensor `[lines, 3, 48, 192]`: of long ones the beginning, squeezed; short ones padded with grey.
pub fn to_batch(lines: &[&LineImage], normalise: &Normalise) -> Result<Tensor, ModelError> {
    let height = LINE_HEIGHT as usize;
    let mut data = vec![0.0; lines.len() * 3 * height * LINE_WIDTH];
    for (planes, line) in data.chunks_exact_mut(3 * height * LINE_WIDTH).zip(lines) {
        let width = line.width() as usize;
        if width <= LINE_WIDTH {
            write_planes(planes, LINE_WIDTH, line.pixels(), width, normalise);
        } else {
            let squeezed = squeezed(line);
            write_planes(planes, LINE_WIDTH, &squeezed, LINE_WIDTH, normalise);
        }
    }
    Tensor::f32([lines.len(), 3, height, LINE_WIDTH], data)
}

/// The beginning of the line at the network's width, columns averaged.
fn squeezed(line: &LineImage) -> Vec<u8> {
    let (row_len, width) = (line.width() as usize * 3, (line.width() as usize).min(MOST_SEEN));
    let columns =
        |x: usize| x * width / LINE_WIDTH..((x + 1) * width / LINE_WIDTH).max(x * width / LINE_WIDTH + 1);
    let mut pixels = Vec::with_capacity(LINE_HEIGHT as usize * LINE_WIDTH * 3);
    for row in line.pixels().chunks_exact(row_len) {
        for x in 0..LINE_WIDTH {
            let source = &row[columns(x).start * 3..columns(x).end * 3];
            let count = source.len() as u32 / 3;
            for channel in 0..3 {
                let sum: u32 = source.iter().skip(channel).step_by(3).map(|&value| u32::from(value)).sum();
                pixels.push((sum / count) as u8);
            }
        }
    }
    pixels
}

/// The line orientation network.
pub struct LineOrienter<S> {
    session: S,
}

impl<S: Session> LineOrienter<S> {
    /// Wraps a loaded network.
    pub const fn new(session: S) -> Self {
        Self { session }
    }

    /// Runs a batch made by [`to_batch`]; one answer per line, in order.
    pub fn run(&mut self, batch: Tensor) -> Result<Vec<HalfTurn>, ModelError> {
        let lines = batch.shape.first().copied().unwrap_or(0);
        if lines == 0 {
            return Ok(Vec::new());
        }
        let outputs = self.session.run(batch)?;
        match outputs.first().and_then(Tensor::as_f32) {
            Some(answer) if answer.len() == 2 * lines => {
                Ok(answer.chunks_exact(2).map(|pair| HalfTurn(pair[1])).collect())
            }
            _ => Err(ModelError::Output {
                model: "orient".to_owned(),
                expected: format!("[{lines}, 2]"),
                actual: format!("{:?}", outputs.first().map(|output| &output.shape)),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use quire_proto::{Quad, Rect};
    use quire_raster::Raster;

    use super::*;
    use crate::detect::SYMMETRIC;
    use crate::recognize::{RecognizeParams, rectify};

    #[test]
    fn of_long_lines_the_beginning_is_seen_and_short_ones_are_padded() {
        let black = Raster::new(960, 48, vec![0; 960 * 48 * 3]).unwrap();
        let line = |width: f32| {
            let quad = Quad::from(Rect::new(0.0, 0.0, width, 48.0));
            rectify(&black, &quad, &RecognizeParams { squeeze: 1.0, ..RecognizeParams::default() }).unwrap()
        };

        let batch = to_batch(&[&line(960.0), &line(96.0)], &SYMMETRIC).unwrap();

        let data = batch.as_f32().unwrap();
        assert_eq!(batch.shape, [2, 3, 48, 192]);
        assert!(data[..192].iter().all(|&value| value == -1.0));
        let second = &data[3 * 48 * 192..][..192];
        assert!(
            second[..96].iter().all(|&value| value == -1.0) && second[96..].iter().all(|&value| value == 0.0)
        );
    }
}
