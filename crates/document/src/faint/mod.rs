//! Faint pages: pencil, carbon copies, washed-out prints. Divided by their paper and stretched to full contrast.
//!
//! ```text
//!  page ─▶ paper, cell by cell ─▶ how deep is the ink below it? ─ deep enough ─▶ as it is
//!                                                               └ pale ────────▶ page / paper, stretched
//! ```
//!
//! Dividing by an estimate of the paper evens out stains and uneven light, as in Leptonica's background normalisation
//! (Bloomberg, `pixBackgroundNorm`); percentiles of cells and a morphological closing keep ink out of the estimate. What
//! must stay true: a page whose ink is deep enough is not touched, and nor is a page without ink, whose grain would become
//! print.

mod cells;

use quire_raster::{Raster, luminance};

use cells::Cells;

/// When a page is faint, and how it is stretched.
#[derive(Clone, Copy, Debug)]
pub struct FaintParams {
    /// Pixels along a side of the cells in which the paper is looked for. Default 16: less than a line of text at 200 dpi.
    pub side: usize,
    /// Share of the pixels of a cell that may be darker than what is taken for its paper. Default 0.9.
    pub paper: f32,
    /// The ink is as deep as in this many cells at least, so that a few specks are no ink. Default 16: a few letters.
    pub inked: usize,
    /// Least depth of ink of a page that is left as it is, as a share of its paper. Default 0.32: what is left of
    /// print at a third of its contrast; clean scans have 0.6 and more.
    pub enough: f32,
    /// Ink is at least so many times as deep as the grain of the paper; anything less is grain. Default 5.
    pub above_grain: f32,
    /// What is lighter than this share of the paper becomes white. Default 0.98.
    pub white: f32,
}

impl Default for FaintParams {
    fn default() -> Self {
        Self { side: 16, paper: 0.9, inked: 16, enough: 0.32, above_grain: 5.0, white: 0.98 }
    }
}

/// A faint `page` with its paper white and its ink black; nothing for any other page. The size is the same.
pub fn stretched(page: &Raster, params: &FaintParams) -> Option<Raster> {
    let depth = faint_depth(page, params)?;
    let papers = [0, 1, 2].map(|channel| Cells::new(page, params, |pixel| pixel[channel]).smooth());
    let black = 1.0 - depth;
    let scale = 255.0 / (params.white - black).max(f32::EPSILON);
    let width = page.width() as usize;
    let mut pixels = page.bytes().to_vec();
    for (y, row) in pixels.chunks_exact_mut(width * 3).enumerate() {
        for (channel, papers) in papers.iter().enumerate() {
            let light = papers.row(y, width);
            for (value, paper) in row.iter_mut().skip(channel).step_by(3).zip(light) {
                *value = ((f32::from(*value) / paper.max(1.0) - black) * scale).round() as u8;
            }
        }
    }
    Raster::new(page.width(), page.height(), pixels).ok()
}

/// How deep the ink of a faint page is, as a share of its paper; nothing when the page is not faint or has no ink.
fn faint_depth(page: &Raster, params: &FaintParams) -> Option<f32> {
    let cells = Cells::new(page, params, luminance);
    let depth = cells.ink(params.inked)?;
    (depth < params.enough && depth >= params.above_grain * cells.grain()).then_some(depth)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of `paper` with rows of strokes that take `ink` of its light, darker towards the right by `uneven`, with grain.
    fn page(paper: f32, ink: f32, uneven: f32, strokes: usize) -> Raster {
        let (width, height) = (640_usize, 480_usize);
        let mut grain = 7_u32;
        let pixels = (0..width * height).flat_map(|at| {
            let (x, y) = (at % width, at / width);
            grain = grain.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (grain >> 24) as f32 / 255.0 * 4.0 - 2.0;
            let inked = y % 40 < 18 && x % 9 < 3 && at / width / 40 * 71 + x / 9 < strokes;
            let light = (paper - uneven * x as f32 / width as f32) * (1.0 - ink * f32::from(u8::from(inked)));
            [(light + noise) as u8; 3]
        });
        Raster::new(640, 480, pixels.collect::<Vec<u8>>()).unwrap()
    }

    /// Lightest ink and darkest paper, away from the edges of strokes.
    fn extremes(page: &Raster) -> (u8, u8) {
        let places = (0..12_i64).flat_map(|row| (1..70_i64).map(move |column| (column * 9, row * 40 + 9)));
        let ink = places.clone().map(|(x, y)| page.pixel(x + 1, y)[0]).max();
        let paper = places.map(|(x, y)| page.pixel(x + 6, y)[0]).min();
        (ink.unwrap(), paper.unwrap())
    }

    #[test]
    fn faint_ink_on_uneven_paper_becomes_black_on_white() {
        let faint = page(235.0, 0.15, 60.0, usize::MAX);
        let (ink, paper) = extremes(&faint);
        assert!(ink > paper, "no threshold tells the one from the other: {ink} {paper}");

        let (ink, paper) = extremes(&stretched(&faint, &FaintParams::default()).unwrap());

        assert!(ink < 80 && paper > 180, "{ink} {paper}");
    }

    #[test]
    fn a_page_with_ink_enough_is_left_alone() {
        assert!(stretched(&page(250.0, 0.9, 0.0, usize::MAX), &FaintParams::default()).is_none());
        assert!(stretched(&page(180.0, 0.5, 60.0, usize::MAX), &FaintParams::default()).is_none());
        // A page number on an empty page.
        assert!(stretched(&page(250.0, 0.9, 0.0, 3), &FaintParams::default()).is_none());
    }

    #[test]
    fn grain_and_specks_are_no_ink() {
        assert!(stretched(&page(235.0, 0.15, 60.0, 0), &FaintParams::default()).is_none());
        assert!(stretched(&page(235.0, 0.15, 60.0, 3), &FaintParams::default()).is_none());
        assert!(stretched(&Raster::white(0, 0), &FaintParams::default()).is_none());
        assert!(stretched(&Raster::white(3, 2), &FaintParams::default()).is_none());
    }

    #[test]
    fn the_colours_of_ink_stay_apart() {
        let pixels: Vec<u8> = page(235.0, 0.15, 0.0, usize::MAX)
            .bytes()
            .chunks_exact(3)
            .flat_map(|pixel| [230, pixel[0], pixel[0]])
            .collect();
        let red = Raster::new(640, 480, pixels).unwrap();

        let [r, g, b] = stretched(&red, &FaintParams::default()).unwrap().pixel(10, 9);

        assert!(r > 230 && g < 80 && b < 80, "{r} {g} {b}");
    }
}
