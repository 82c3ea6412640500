//! The network that tells whether a line is upside down.

use quire_raster::Raster;

use crate::{
    error::ModelError,
    pictures::Pictures,
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

/// Width and height of the network's picture.
pub const SIZE: (u32, u32) = (LINE_WIDTH as u32, LINE_HEIGHT);

/// The line as the network sees it: of a long one the beginning, squeezed.
pub fn preprocess(line: &LineImage) -> Result<Raster, ModelError> {
    let width = line.width() as usize;
    if width <= LINE_WIDTH {
        let height = if width == 0 { 0 } else { LINE_HEIGHT };
        return Ok(Raster::new(line.width(), height, line.pixels().to_vec())?);
    }
    let (row_len, seen) = (width * 3, width.min(MOST_SEEN));
    let columns =
        |x: usize| x * seen / LINE_WIDTH..((x + 1) * seen / LINE_WIDTH).max(x * seen / LINE_WIDTH + 1);
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
    Ok(Raster::new(SIZE.0, SIZE.1, pixels)?)
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

    /// Runs lines made by [`preprocess`] on `ground`; one answer per line, in order.
    pub fn run(&mut self, lines: &[Raster], ground: [u8; 3]) -> Result<Vec<HalfTurn>, ModelError> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let outputs = self.session.run(&Pictures::new(SIZE, ground, lines))?;
        match outputs.first().and_then(Tensor::as_f32) {
            Some(answer) if answer.len() == 2 * lines.len() => {
                Ok(answer.chunks_exact(2).map(|pair| HalfTurn(pair[1])).collect())
            }
            _ => Err(ModelError::Output {
                model: "orient".to_owned(),
                expected: format!("[{}, 2]", lines.len()),
                actual: format!("{:?}", outputs.first().map(|output| &output.shape)),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use quire_proto::{Quad, Rect};

    use super::*;
    use crate::recognize::{RecognizeParams, rectify};

    #[test]
    fn of_long_lines_the_beginning_is_seen_and_short_ones_stay_as_they_are() {
        // Black up to x = 256, white from there.
        let pixels =
            (0..960 * 48).flat_map(|i| [if i % 960 < 256 { 0 } else { 255 }; 3]).collect::<Vec<u8>>();
        let page = Raster::new(960, 48, pixels).unwrap();
        let seen = |width: f32| {
            let quad = Quad::from(Rect::new(0.0, 0.0, width, 48.0));
            let params = RecognizeParams { squeeze: 1.0, ..RecognizeParams::default() };
            preprocess(&rectify(&page, &quad, &params).unwrap()).unwrap()
        };

        let (long, short) = (seen(960.0), seen(96.0));

        assert_eq!([(long.width(), long.height()), (short.width(), short.height())], [(192, 48), (96, 48)]);
        assert!(long.bytes().iter().all(|&value| value == 0));
    }

    #[test]
    fn an_empty_line_is_an_empty_picture() {
        assert_eq!(preprocess(&LineImage::default()).unwrap().byte_len(), 0);
    }
}
