//! The page in cells, and which of them are its border.

use quire_raster::Raster;

use super::{DARK, Paper, luminance};

/// Cells along the longer side of the page.
const CELLS: usize = 300;
/// Share of its pixels that must be dark in a dark cell: dust in a border is lighter.
const DARK_SHARE: f32 = 0.9;
/// Share of a side of the page that a border takes at least.
pub(super) const ALONG: f32 = 0.2;
/// A border reaches no deeper into the page than this share of its width or height …
const BAND: f32 = 0.15;
/// … but for this share of its area, where print touches it …
const BEYOND: f32 = 0.1;
/// … unless it is as even as the bed of a scanner: its cells differ by less than this share of the paper.
const EVEN: f32 = 0.05;
/// Share of the image that a sheet of paper takes at least.
const SHEET: f32 = 0.02;
/// Light spots inside a border that take more than this share of it are writing.
const WRITING: f32 = 0.01;

/// The page in cells of a few pixels.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub(super) columns: usize,
    rows: usize,
    /// Pixels along a side of a cell.
    pub(super) side: usize,
    dark: Vec<bool>,
    /// Mean lightness of each cell as a share of the paper's.
    light: Vec<f32>,
}

impl Grid {
    pub(super) fn new(page: &Raster, paper: &Paper) -> Self {
        let (width, height) = (page.width() as usize, page.height() as usize);
        let side = width.max(height).div_ceil(CELLS).max(1);
        let (columns, rows) = (width.div_ceil(side), height.div_ceil(side));
        let threshold = paper.darker_than(DARK);
        let (mut dark, mut light) = (Vec::with_capacity(columns * rows), Vec::with_capacity(columns * rows));
        for band in page.bytes().chunks(width * 3 * side) {
            let mut counts = vec![(0_u32, 0_u32, 0_u32); columns];
            for row in band.chunks_exact(width * 3) {
                for ((sum, darker, all), pixels) in counts.iter_mut().zip(row.chunks(side * 3)) {
                    for pixel in pixels.chunks_exact(3) {
                        let light = luminance(pixel);
                        *sum += u32::from(light);
                        *darker += u32::from(light < threshold);
                        *all += 1;
                    }
                }
            }
            dark.extend(counts.iter().map(|&(_, darker, all)| darker as f32 >= DARK_SHARE * all as f32));
            light.extend(
                counts.iter().map(|&(sum, _, all)| sum as f32 / all.max(1) as f32 / paper.light.max(1.0)),
            );
        }
        Self { columns, rows, side, dark, light }
    }

    /// The cells of the page itself, or of the two of an open book; `None` when there is no border.
    pub(super) fn page(&self) -> Option<Vec<bool>> {
        let mut border = vec![false; self.dark.len()];
        for area in self.areas(&self.opened()).iter().filter(|area| self.is_border(area)) {
            area.iter().for_each(|&cell| border[cell] = true);
        }
        let size = border.iter().filter(|border| **border).count();
        let rest: Vec<bool> = border.iter().map(|border| !border).collect();
        let (pages, rest): (Vec<_>, Vec<_>) =
            self.areas(&rest).into_iter().partition(|area| self.is_page(area));
        let spots: usize = rest.iter().filter(|area| !self.touches_edge(area)).map(Vec::len).sum();
        if size == 0 || pages.is_empty() || spots as f32 > WRITING * size as f32 {
            return None;
        }
        let mut kept = vec![false; self.dark.len()];
        pages.iter().flatten().for_each(|&cell| kept[cell] = true);
        Some(kept)
    }

    /// The dark cells but for strokes less than three cells wide: print that touches a border is none. Beside the page all
    /// is dark.
    fn opened(&self) -> Vec<bool> {
        let inner: Vec<bool> =
            (0..self.dark.len()).map(|cell| self.around(cell).all(|near| self.dark[near])).collect();
        (0..self.dark.len()).map(|cell| self.around(cell).any(|near| inner[near])).collect()
    }

    /// The cells that touch `cell`, and itself.
    fn around(&self, cell: usize) -> impl Iterator<Item = usize> + use<> {
        let (columns, x, y) = (self.columns, cell % self.columns, cell / self.columns);
        let span = |at: usize, length: usize| at.saturating_sub(1)..(at + 2).min(length);
        let across = span(x, columns);
        span(y, self.rows).flat_map(move |y| across.clone().map(move |x| y * columns + x))
    }

    /// Whether an area beside the border is large and reaches into the middle.
    fn is_page(&self, area: &[usize]) -> bool {
        area.len() as f32 >= SHEET * self.dark.len() as f32 && area.iter().any(|&cell| !self.is_in_band(cell))
    }

    fn is_in_band(&self, cell: usize) -> bool {
        let within = |at: usize, length: usize| (at.min(length - 1 - at) as f32) < BAND * length as f32;
        within(cell % self.columns, self.columns) || within(cell / self.columns, self.rows)
    }

    /// Whether a dark area runs along the edge of the page and is shallow or even.
    fn is_border(&self, area: &[usize]) -> bool {
        let (columns, rows) = (self.columns, self.rows);
        let count = |test: &dyn Fn(usize, usize) -> bool| {
            area.iter().filter(|&&cell| test(cell % columns, cell / columns)).count() as f32
        };
        let along = [
            count(&|x, _| x == 0) / rows as f32,
            count(&|x, _| x + 1 == columns) / rows as f32,
            count(&|_, y| y == 0) / columns as f32,
            count(&|_, y| y + 1 == rows) / columns as f32,
        ];
        let beyond = area.iter().filter(|&&cell| !self.is_in_band(cell)).count() as f32 / area.len() as f32;
        along.iter().any(|share| *share >= ALONG) && (beyond <= BEYOND || self.deviation(area) < EVEN)
    }

    /// Standard deviation of the lightness of cells.
    fn deviation(&self, area: &[usize]) -> f32 {
        let mean = |value: &dyn Fn(f32) -> f32| {
            area.iter().map(|&cell| value(self.light[cell])).sum::<f32>() / area.len().max(1) as f32
        };
        let middle = mean(&|light| light);
        mean(&|light| (light - middle).powi(2)).sqrt()
    }

    fn touches_edge(&self, area: &[usize]) -> bool {
        area.iter().any(|&cell| {
            let (x, y) = (cell % self.columns, cell / self.columns);
            x == 0 || y == 0 || x + 1 == self.columns || y + 1 == self.rows
        })
    }

    /// The cells of `mask` by the areas in which they hang together, side by side.
    fn areas(&self, mask: &[bool]) -> Vec<Vec<usize>> {
        let mut open = mask.to_vec();
        let mut areas = Vec::new();
        for start in 0..open.len() {
            if !std::mem::take(&mut open[start]) {
                continue;
            }
            let mut area = vec![start];
            let mut next = 0;
            while let Some(&cell) = area.get(next) {
                next += 1;
                for beside in self.beside(cell) {
                    if std::mem::take(&mut open[beside]) {
                        area.push(beside);
                    }
                }
            }
            areas.push(area);
        }
        areas
    }

    /// The up to four cells that share a side with `cell`.
    pub(super) fn beside(&self, cell: usize) -> impl Iterator<Item = usize> + use<> {
        let (columns, x, y) = (self.columns, cell % self.columns, cell / self.columns);
        let left = (x > 0).then(|| cell - 1);
        let right = (x + 1 < columns).then_some(cell + 1);
        let above = (y > 0).then(|| cell - columns);
        let below = (y + 1 < self.rows).then_some(cell + columns);
        [left, right, above, below].into_iter().flatten()
    }
}
