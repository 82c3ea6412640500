//! The page in cells: how light the paper of each is, and how deep its darkest pixel lies below.

use quire_raster::Raster;

use super::FaintParams;

/// Every so many pixels of a row and of a column one is looked at.
const STEP: usize = 2;
/// Cells around a cell, on either side, that an area of ink may take without being taken for paper.
const CLOSE: usize = 2;
/// Cells around a cell, on either side, over which the paper is averaged …
const SMOOTH: usize = 2;
/// … so many times, which makes a bell of a box.
const PASSES: usize = 2;

/// One value for each cell of a page.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    columns: usize,
    rows: usize,
    /// Pixels along a side of a cell.
    side: usize,
    /// How light the paper is, 0 to 255.
    paper: Vec<f32>,
    /// The darkest pixel.
    darkest: Vec<f32>,
    /// The median pixel.
    median: Vec<f32>,
}

impl Cells {
    /// The cells of `page`, whose pixels are as light as `light` says.
    pub(super) fn new(page: &Raster, params: &FaintParams, light: impl Fn([u8; 3]) -> u8) -> Self {
        let (width, height, side) = (page.width() as usize, page.height() as usize, params.side.max(STEP));
        let (columns, rows) = (width.div_ceil(side), height.div_ceil(side));
        let count = columns * rows;
        let [mut paper, mut darkest, mut median] = [(); 3].map(|()| Vec::with_capacity(count));
        for band in page.bytes().chunks((width * 3 * side).max(1)) {
            let mut cells = vec![Vec::with_capacity(side * side / (STEP * STEP) + side); columns];
            for row in band.chunks_exact((width * 3).max(1)).step_by(STEP) {
                for (cell, pixels) in cells.iter_mut().zip(row.chunks(side * 3)) {
                    let sample = pixels.as_chunks::<3>().0.iter().step_by(STEP);
                    cell.extend(sample.map(|pixel| light(*pixel)));
                }
            }
            for cell in &mut cells {
                paper.push(quantile(cell, params.paper));
                median.push(quantile(cell, 0.5));
                darkest.push(quantile(cell, 0.0));
            }
        }
        Self { columns, rows, side, paper, darkest, median }
    }

    /// How deep the darkest pixel of the `inked`-th deepest cell lies below the paper, as a share of it; nothing on a page of
    /// fewer cells.
    pub(super) fn ink(&self, inked: usize) -> Option<f32> {
        let papers = self.clone().smooth().paper;
        let depths = self.darkest.iter().zip(&papers).map(|(darkest, paper)| 1.0 - darkest / paper.max(1.0));
        let mut depths: Vec<f32> = depths.collect();
        let place = inked.checked_sub(1).filter(|place| *place < depths.len())?;
        let (_, depth, _) = depths.select_nth_unstable_by(place, |a, b| b.total_cmp(a));
        Some(*depth)
    }

    /// How much lighter than its median pixel the paper of a cell is, as a share of it: the median cell's, as most cells
    /// are mostly paper.
    pub(super) fn grain(&self) -> f32 {
        let grain = self.paper.iter().zip(&self.median).map(|(paper, median)| 1.0 - median / paper.max(1.0));
        let mut grain: Vec<f32> = grain.collect();
        let middle = grain.len() / 2;
        if grain.is_empty() { 0.0 } else { *grain.select_nth_unstable_by(middle, f32::total_cmp).1 }
    }

    /// The same with the paper closed over ink and smoothed.
    pub(super) fn smooth(mut self) -> Self {
        let lightest = |near: &[f32]| near.iter().copied().fold(0.0, f32::max);
        let least_light = |near: &[f32]| near.iter().copied().fold(f32::MAX, f32::min);
        let mean = |near: &[f32]| near.iter().sum::<f32>() / near.len() as f32;
        self.filter(CLOSE, lightest);
        self.filter(CLOSE, least_light);
        (0..PASSES).for_each(|_| self.filter(SMOOTH, mean));
        self
    }

    /// Replaces the paper of each cell by what `of` makes of those up to `reach` away, along rows and then along columns.
    fn filter(&mut self, reach: usize, of: impl Fn(&[f32]) -> f32) {
        let along = |line: &[f32]| -> Vec<f32> {
            let near = |at: usize| at.saturating_sub(reach)..(at + reach + 1).min(line.len());
            (0..line.len()).map(|at| of(&line[near(at)])).collect()
        };
        for row in self.paper.chunks_exact_mut(self.columns.max(1)) {
            row.copy_from_slice(&along(row));
        }
        for x in 0..self.columns {
            let column: Vec<f32> = self.paper.iter().skip(x).step_by(self.columns).copied().collect();
            for (value, new) in self.paper.iter_mut().skip(x).step_by(self.columns).zip(along(&column)) {
                *value = new;
            }
        }
    }

    /// The paper under each of the `width` pixels of row `y`, between the middles of cells by their distances.
    pub(super) fn row(&self, y: usize, width: usize) -> impl Iterator<Item = f32> + use<> {
        let (upper, lower, down) = self.between(y, self.rows);
        let level = |x: usize| {
            let [above, below] = [upper, lower].map(|row| self.paper[row * self.columns + x]);
            above + (below - above) * down
        };
        let cells: Vec<f32> = (0..self.columns).map(level).collect();
        let places: Vec<f32> = (0..width)
            .map(|x| {
                let (left, right, along) = self.between(x, self.columns);
                cells[left] + (cells[right] - cells[left]) * along
            })
            .collect();
        places.into_iter()
    }

    /// The two cells of `count` whose middles pixel `at` lies between, and how far it is from the first to the second.
    fn between(&self, at: usize, count: usize) -> (usize, usize, f32) {
        let place = ((at as f32 + 0.5) / self.side as f32 - 0.5).clamp(0.0, count.saturating_sub(1) as f32);
        let first = place as usize;
        (first, (first + 1).min(count.saturating_sub(1)), place - first as f32)
    }
}

/// The value that a `share` of `values` is below; 0 when there are none.
fn quantile(values: &mut [u8], share: f32) -> f32 {
    let place = (values.len() as f32 * share) as usize;
    let place = place.min(values.len().saturating_sub(1));
    if values.is_empty() { 0.0 } else { f32::from(*values.select_nth_unstable(place).1) }
}
