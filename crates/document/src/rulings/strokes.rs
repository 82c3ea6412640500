//! Straight runs of ridge pixels, chained from row to row into lines.

use quire_proto::{Point, Quad};

use super::{RulingParams, plane::Plane};

/// The lengths of [`RulingParams`] in pixels.
pub(super) struct Scale {
    thickest: usize,
    contrast: u8,
    run: usize,
    gap: usize,
    shortest: usize,
}

impl Scale {
    pub(super) fn new(dpi: f32, params: &RulingParams) -> Self {
        let pixels = |inches: f32| ((inches * dpi).round() as usize).max(1);
        Self {
            thickest: pixels(params.thickest),
            contrast: params.contrast,
            run: pixels(params.run),
            gap: pixels(params.gap),
            shortest: pixels(params.joined),
        }
    }
}

/// Pixels of a run that may be missing in a row.
const HOLE: usize = 2;

/// Rows between two runs of one line.
const STEP: usize = 2;

/// Most lines that are followed at a time: a photograph has more, and no rulings.
const MOST_OPEN: usize = 1000;

/// How much a line may bend, as a share of its length.
const BEND: f32 = 0.02;

/// How much a line may lean, as a share of its length.
const LEAN: f32 = 0.1;

/// A line as far as it was followed.
#[derive(Clone, Copy)]
struct Stroke {
    from: usize,
    to: usize,
    top: usize,
    bottom: usize,
    ink: Moments,
}

impl Stroke {
    /// A run of row `y`.
    fn run(from: usize, to: usize, y: usize) -> Self {
        Self { from, to, top: y, bottom: y, ink: Moments::of_run(from as f64, to as f64, y as f64 + 0.5) }
    }

    fn union(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            to: self.to.max(other.to),
            top: self.top.min(other.top),
            bottom: self.bottom.max(other.bottom),
            ink: self.ink.plus(other.ink),
        }
    }

    /// The line through its ink, if it is long, thin and straight enough.
    fn line(self, scale: &Scale) -> Option<Quad> {
        let (length, height) = ((self.to - self.from) as f32, (self.bottom + 1 - self.top) as f32);
        let (slope, thickness) = (self.ink.slope() as f32, self.ink.count as f32 / length);
        let thickest = scale.thickest as f32;
        let straight = height <= thickest + (slope.abs() + BEND) * length;
        let thin = thickness <= thickest && length > 2.0 * thickness;
        let y = |x: f32| self.ink.y as f32 + slope * (x - self.ink.x as f32);
        let corner = |x: usize, side: f32| Point::new(x as f32, y(x as f32) + side * thickness / 2.0);
        let quad = Quad([
            corner(self.from, -1.0),
            corner(self.to, -1.0),
            corner(self.to, 1.0),
            corner(self.from, 1.0),
        ]);
        (thin && straight && slope.abs() <= LEAN && length >= scale.shortest as f32).then_some(quad)
    }
}

/// Count, means and central second moments of ink.
#[derive(Clone, Copy)]
struct Moments {
    count: f64,
    x: f64,
    y: f64,
    xx: f64,
    xy: f64,
}

impl Moments {
    /// Of the pixels `from..to` of a row.
    fn of_run(from: f64, to: f64, y: f64) -> Self {
        let count = to - from;
        Self { count, x: f64::midpoint(from, to), y, xx: count.powi(3) / 12.0, xy: 0.0 }
    }

    /// Of both together (Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    /// variances", 1979).
    fn plus(self, other: Self) -> Self {
        let count = self.count + other.count;
        let (share, dx, dy) = (other.count / count, other.x - self.x, other.y - self.y);
        let between = self.count * share;
        Self {
            count,
            x: self.x + share * dx,
            y: self.y + share * dy,
            xx: self.xx + other.xx + between * dx * dx,
            xy: self.xy + other.xy + between * dx * dy,
        }
    }

    /// Of the line of least squares.
    fn slope(&self) -> f64 {
        if self.xx > 0.0 { self.xy / self.xx } else { 0.0 }
    }
}

/// The horizontal lines of `plane`.
pub(super) fn find(plane: &Plane, scale: &Scale) -> Vec<Quad> {
    let (mut open, mut found): (Vec<Stroke>, Vec<Quad>) = (Vec::new(), Vec::new());
    let mut ridges = vec![0; plane.width];
    for y in 0..plane.height {
        open.retain(|stroke| {
            let goes_on = stroke.bottom + STEP >= y;
            found.extend((!goes_on).then(|| stroke.line(scale)).flatten());
            goes_on
        });
        plane.ridges(y, scale.thickest + 1, scale.contrast, &mut ridges);
        for (from, to) in runs(&ridges, scale.run) {
            add(&mut open, Stroke::run(from, to, y), scale.gap);
        }
        open.truncate(MOST_OPEN);
    }
    found.extend(open.iter().filter_map(|stroke| stroke.line(scale)));
    found
}

/// Pixels that are passed over at once where none is marked.
const STRIDE: usize = 64;

/// Stretches of at least `least` marked pixels.
fn runs(marks: &[u8], least: usize) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    let strides = marks
        .chunks(STRIDE)
        .enumerate()
        .filter(|(_, stride)| stride.iter().fold(0, |all, mark| all | mark) > 0);
    let places = strides.flat_map(|(at, stride)| (at * STRIDE..).zip(stride));
    for x in places.filter_map(|(x, mark)| (*mark > 0).then_some(x)) {
        match out.last_mut() {
            Some((_, to)) if x <= *to + HOLE => *to = x + 1,
            // A run that ended too soon makes room for the next.
            Some(last) if last.1 - last.0 < least => *last = (x, x + 1),
            _ => out.push((x, x + 1)),
        }
    }
    out.retain(|(from, to)| to - from >= least);
    out
}

/// Joins a run with all lines that it goes on with.
fn add(open: &mut Vec<Stroke>, run: Stroke, gap: usize) {
    let meets = |stroke: &Stroke| stroke.from <= run.to + gap && run.from <= stroke.to + gap;
    let all = open.iter().filter(|stroke| meets(stroke)).fold(run, |all, stroke| all.union(*stroke));
    open.retain(|stroke| !meets(stroke));
    open.push(all);
}
