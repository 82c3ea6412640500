//! One line of text, cut out of the page and laid level.

use quire_proto::{Point, Quad, Rect};
use quire_raster::Raster;

use super::{COLUMN_WIDTH, LINE_HEIGHT, RecognizeParams, ink};

/// A line of text, 48 pixels high.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LineImage {
    width: u32,
    pixels: Vec<u8>,
    quad: Quad,
    gap_before: Option<u32>,
}

impl LineImage {
    /// Width in pixels; never more than the largest bucket.
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Packed RGB rows.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Where it lies on the page, clockwise from the text's own top left.
    pub const fn quad(&self) -> Quad {
        self.quad
    }

    /// For a piece of a line that was too long, but for the first: pixels without ink between it and the piece before.
    pub const fn gap_before(&self) -> Option<u32> {
        self.gap_before
    }

    /// Its width over its natural width at this height; 1 for an empty line.
    pub fn squeeze(&self) -> f32 {
        let natural = LINE_HEIGHT as f32 * self.quad.width() / self.quad.height();
        if natural.is_finite() && natural > 0.0 { self.width as f32 / natural } else { 1.0 }
    }

    /// Which columns hold ink.
    pub fn ink_columns(&self) -> Vec<bool> {
        ink::columns(&self.pixels, self.width as usize)
    }

    /// The line upside down: for text that was scanned so.
    #[must_use]
    pub fn turned(&self) -> Self {
        let pixels = self.pixels.chunks_exact(3).rev().flatten().copied().collect();
        let [a, b, c, d] = self.quad.0;
        Self { width: self.width, pixels, quad: Quad([c, d, a, b]), gap_before: None }
    }

    /// The columns `start..end` alone.
    pub(super) fn part(&self, start: u32, end: u32) -> Self {
        let row_len = self.width as usize * 3;
        let (from, to) = (start as usize * 3, end as usize * 3);
        let pixels = self.pixels.chunks_exact(row_len).flat_map(|row| &row[from..to]).copied().collect();
        let share = |x: u32| x as f32 / self.width as f32;
        let corner = |x: u32, across: f32| self.quad.at(share(x), across);
        let quad = Quad([corner(start, 0.0), corner(end, 0.0), corner(end, 1.0), corner(start, 1.0)]);
        Self { width: end - start, pixels, quad, gap_before: None }
    }

    /// The line without the paper left and right of its ink, but for `margin` pixels.
    pub(super) fn trimmed(self, margin: u32) -> Self {
        let ink = self.ink_columns();
        let (Some(first), Some(last)) =
            (ink.iter().position(|&column| column), ink.iter().rposition(|&column| column))
        else {
            return self;
        };
        let start = (first as u32).saturating_sub(margin);
        let end = (last as u32 + 1 + margin).min(self.width);
        Self { gap_before: self.gap_before, ..self.part(start, end) }
    }

    /// The same as a piece that stands `gap` pixels behind another.
    pub(super) fn behind(self, gap: u32) -> Self {
        Self { gap_before: Some(gap), ..self }
    }
}

/// Cuts the line inside `quad` out of `page`; `None` when there is nothing inside.
///
/// Cutting, turning and scaling are one pass; where the page is shrunk, pixels are averaged, so that
/// small print keeps its strokes.
pub fn rectify(page: &Raster, quad: &Quad, params: &RecognizeParams) -> Option<LineImage> {
    rectify_up_to(params.largest(), page, quad, params)
}

/// The same, with lines of up to `widest` pixels; wider ones are squeezed.
pub(super) fn rectify_up_to(
    widest: u32,
    page: &Raster,
    quad: &Quad,
    params: &RecognizeParams,
) -> Option<LineImage> {
    let quad = reading_quad(quad, params.tall_ratio);
    let (natural_width, natural_height) = (quad.width(), quad.height());
    if page.byte_len() == 0 || !(natural_width >= 1.0 && natural_height >= 1.0) {
        return None;
    }
    let width = (LINE_HEIGHT as f32 * natural_width / natural_height * params.squeeze).ceil();
    let width = (width as u32).clamp(COLUMN_WIDTH, widest);
    let pixels = level_pixels(page, &quad, width).unwrap_or_else(|| sampled_pixels(page, &quad, width));
    Some(LineImage { width, pixels, quad, gap_before: None }.trimmed(params.margin))
}

/// Of a level line, whose ends differ in height by less than this times its height, the upright box is cut out.
const LEVEL: f32 = 0.02;

/// The pixels of a line that runs along the rows of the page: resampled by the image library, several times faster than
/// [`sampled_pixels`]. None when it is tilted or turned, or reaches beyond the page.
fn level_pixels(page: &Raster, quad: &Quad, width: u32) -> Option<Vec<u8>> {
    let [a, b, c, d] = quad.0;
    let near = |one: f32, other: f32| (one - other).abs() <= LEVEL * quad.height();
    let is_level =
        near(a.y, b.y) && near(c.y, d.y) && near(a.x, d.x) && near(b.x, c.x) && a.x < b.x && a.y < d.y;
    let mean = |one: f32, other: f32| f32::midpoint(one, other);
    let rect = Rect::new(mean(a.x, d.x), mean(a.y, b.y), mean(b.x, c.x), mean(c.y, d.y));
    let cut = || page.part_resized(&rect, width, LINE_HEIGHT).ok();
    is_level.then(cut).flatten().map(|line| line.bytes().to_vec())
}

/// The pixels of a line that lies in any direction.
fn sampled_pixels(page: &Raster, quad: &Quad, width: u32) -> Vec<u8> {
    let across = samples(quad.height() / LINE_HEIGHT as f32);
    let along = samples(quad.width() / width as f32);
    let sampler = Sampler::new(page);
    (0..LINE_HEIGHT)
        .flat_map(|row| {
            let rows = (0..across).map(move |sub| (row * across + sub) as f32 + 0.5);
            let shares = rows.map(move |at| at / (LINE_HEIGHT * across) as f32);
            sampler.averaged_row(quad, shares, width as usize, along as usize)
        })
        .collect()
}

/// Samples per output pixel for so many input pixels per output pixel.
fn samples(shrink: f32) -> u32 {
    (shrink.round() as u32).clamp(1, 8)
}

/// A tall box holds text that runs downwards, which begins at its top right.
fn reading_quad(quad: &Quad, tall_ratio: f32) -> Quad {
    let [a, b, c, d] = quad.0;
    if quad.height() >= tall_ratio * quad.width() { Quad([b, c, d, a]) } else { *quad }
}

/// Bits of the fraction in fixed-point coordinates.
const FRACTION: i32 = 8;

/// A point less `origin`, in fixed-point units.
fn fixed(point: Point, origin: f32) -> Point {
    let one = (1 << FRACTION) as f32;
    Point::new((point.x - origin) * one, (point.y - origin) * one)
}

/// Reads a page between its pixels.
struct Sampler<'a> {
    bytes: &'a [u8],
    width: i32,
    height: i32,
}

impl<'a> Sampler<'a> {
    fn new(page: &'a Raster) -> Self {
        Self { bytes: page.bytes(), width: page.width() as i32, height: page.height() as i32 }
    }

    /// One row of `width` pixels, each the mean of `along` samples on every line of `shares` across the quad.
    fn averaged_row(
        &self,
        quad: &Quad,
        shares: impl Iterator<Item = f32> + Clone,
        width: usize,
        along: usize,
    ) -> Vec<u8> {
        let mut sums = vec![[0_u32; 3]; width];
        for across in shares.clone() {
            let (from, to) = (quad.at(0.0, across), quad.at(1.0, across));
            let steps = (width * along) as f32;
            let (from, step) =
                (fixed(from, 0.5), fixed(Point::new((to.x - from.x) / steps, (to.y - from.y) / steps), 0.0));
            for (index, sum) in sums.iter_mut().enumerate() {
                for sub in 0..along {
                    let at = (index * along + sub) as f32 + 0.5;
                    self.add_sample((from.x + step.x * at) as i32, (from.y + step.y * at) as i32, sum);
                }
            }
        }
        let count = (shares.count() * along).max(1) as u32;
        let scale = count << (2 * FRACTION);
        sums.into_iter().flatten().map(|total| ((total + scale / 2) / scale) as u8).collect()
    }

    /// Adds the value between pixels, times 2^16, at a fixed-point place; pixels lie at whole coordinates.
    #[inline]
    fn add_sample(&self, x: i32, y: i32, sum: &mut [u32; 3]) {
        let (left, top) = (x >> FRACTION, y >> FRACTION);
        let mask = (1 << FRACTION) - 1;
        let (fx, fy) = ((x & mask) as u32, (y & mask) as u32);
        let (gx, gy) = ((1 << FRACTION) - fx, (1 << FRACTION) - fy);
        let (upper, lower) = (self.pair(left, top), self.pair(left, top.saturating_add(1)));
        for (channel, total) in sum.iter_mut().enumerate() {
            let above = u32::from(upper[channel]) * gx + u32::from(upper[channel + 3]) * fx;
            let below = u32::from(lower[channel]) * gx + u32::from(lower[channel + 3]) * fx;
            *total += above * gy + below * fy;
        }
    }

    /// Two neighbouring pixels of a row.
    #[inline]
    fn pair(&self, x: i32, y: i32) -> [u8; 6] {
        if x >= 0 && y >= 0 && x < self.width - 1 && y < self.height {
            let at = (y as usize * self.width as usize + x as usize) * 3;
            if let Some(pair) = self.bytes[at..].first_chunk() {
                return *pair;
            }
        }
        let ([a, b, c], [d, e, f]) = (self.pixel(x, y), self.pixel(x.saturating_add(1), y));
        [a, b, c, d, e, f]
    }

    /// The nearest pixel of the page.
    fn pixel(&self, x: i32, y: i32) -> [u8; 3] {
        let x = x.clamp(0, self.width - 1) as usize;
        let y = y.clamp(0, self.height - 1) as usize;
        let at = (y * self.width as usize + x) * 3;
        match self.bytes[at..] {
            [red, green, blue, ..] => [red, green, blue],
            _ => [255; 3],
        }
    }
}

#[cfg(test)]
mod tests {
    use quire_proto::Rotation;

    use super::*;

    /// White, with black bars of 8 pixels at x = 40 and x = 200 between y = 20 and y = 60.
    fn page() -> Raster {
        let mut pixels = vec![255; 300 * 80 * 3];
        for y in 20..60 {
            for x in (40..48).chain(200..208) {
                pixels[(y * 300 + x) * 3..][..3].fill(0);
            }
        }
        Raster::new(300, 80, pixels).unwrap()
    }

    fn params() -> RecognizeParams {
        RecognizeParams { squeeze: 1.0, ..RecognizeParams::default() }
    }

    #[test]
    fn a_line_is_cut_to_its_ink_and_knows_where_it_was() {
        let line = rectify(&page(), &Quad::from(Rect::new(10.0, 16.0, 290.0, 64.0)), &params()).unwrap();

        // Ink from 40 to 208 and a margin of 8 pixels on both sides, at natural size.
        assert_eq!(line.width(), 184);
        assert_eq!(<[f32; 4]>::from(line.quad().bounds()), [32.0, 16.0, 216.0, 64.0]);
        let ink: Vec<_> =
            line.ink_columns().iter().enumerate().filter(|(_, ink)| **ink).map(|(x, _)| x).collect();
        assert_eq!(ink, (8..16).chain(168..176).collect::<Vec<_>>());
    }

    #[test]
    fn text_that_runs_downwards_is_laid_level() {
        let page = page();
        let quad = Quad::from(Rect::new(10.0, 16.0, 290.0, 64.0));
        let turned_quad = Rotation::Quarter.apply_rect(quad.bounds(), 300.0, 80.0);

        let upright = rectify(&page, &quad, &params()).unwrap();
        let turned = rectify(&page.rotated(Rotation::Quarter), &Quad::from(turned_quad), &params()).unwrap();

        assert_eq!(turned.pixels(), upright.pixels());
        assert!(turned.quad().0[0].x > turned.quad().0[2].x, "begins at the top right");
    }

    #[test]
    fn shrinking_averages_instead_of_skipping() {
        let stripes: Vec<u8> = (0..960 * 480).flat_map(|i| [if i % 2 == 0 { 0 } else { 200 }; 3]).collect();
        let page = Raster::new(960, 480, stripes).unwrap();

        let line = rectify(&page, &Quad::from(Rect::new(0.0, 0.0, 960.0, 480.0)), &params()).unwrap();

        assert!(line.pixels().iter().all(|&value| (80..=120).contains(&value)), "{:?}", &line.pixels()[..30]);
    }

    #[test]
    fn turning_twice_is_the_identity() {
        let line = rectify(&page(), &Quad::from(Rect::new(10.0, 16.0, 290.0, 64.0)), &params()).unwrap();

        assert_eq!(line.turned().turned(), line);
        assert_ne!(line.turned().quad(), line.quad());
    }

    #[test]
    fn degenerate_quads_give_nothing_or_something_but_no_panic() {
        let far = Quad::from(Rect::new(-1e9, -1e9, 1e9, 1e9));

        assert!(rectify(&page(), &Quad::default(), &params()).is_none());
        assert!(rectify(&Raster::white(0, 0), &far, &params()).is_none());
        assert!(rectify(&page(), &far, &params()).is_some());
        let nan = Quad([Point::new(f32::NAN, 0.0); 4]);
        assert!(rectify(&page(), &nan, &params()).is_none());
    }
}
