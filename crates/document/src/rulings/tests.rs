//! Grids, breaks, slopes, and what only looks like a line.

use quire_proto::{Quad, Rect};
use quire_raster::Raster;

use super::{RulingParams, find, level};

const DPI: f32 = 200.0;

/// A light page of 800 by 600 pixels with dark boxes on it.
struct Page {
    pixels: Vec<u8>,
}

const WIDTH: usize = 800;
const HEIGHT: usize = 600;

impl Page {
    fn new(paper: u8) -> Self {
        Self { pixels: vec![paper; WIDTH * HEIGHT * 3] }
    }

    fn fill(mut self, x: std::ops::Range<usize>, y: std::ops::Range<usize>, value: u8) -> Self {
        for row in y {
            self.pixels[(row * WIDTH + x.start) * 3..(row * WIDTH + x.end) * 3].fill(value);
        }
        self
    }

    fn horizontal(self, y: usize, x: std::ops::Range<usize>) -> Self {
        self.fill(x, y..y + 3, 60)
    }

    fn vertical(self, x: usize, y: std::ops::Range<usize>) -> Self {
        self.fill(x..x + 3, y, 60)
    }

    fn find(self) -> Vec<Quad> {
        let page = Raster::new(WIDTH as u32, HEIGHT as u32, self.pixels).unwrap();
        find(&page, DPI, &RulingParams::default())
    }

    fn lines(self) -> Vec<Rect> {
        let whole = |rect: &Rect| Rect::from(<[f32; 4]>::from(*rect).map(f32::round));
        let mut found: Vec<Rect> = level(&self.find(), &[]).iter().map(whole).collect();
        found.sort_by(|a, b| a.y0.total_cmp(&b.y0).then(a.x0.total_cmp(&b.x0)));
        found
    }
}

#[test]
fn a_grid_is_found_with_its_short_sides() {
    let mut page = Page::new(240);
    for y in [100, 135, 170] {
        page = page.horizontal(y, 100..700);
    }
    for x in [100, 300, 500, 697] {
        page = page.vertical(x, 100..173);
    }

    let found = page.lines();

    let (horizontal, vertical): (Vec<Rect>, Vec<Rect>) =
        found.iter().partition(|rect| rect.width() > rect.height());
    // Where two lines cross, each ends at the other.
    assert_eq!(horizontal, [100.0, 135.0, 170.0].map(|y| Rect::new(103.0, y, 697.0, y + 3.0)));
    let mut columns: Vec<f32> = vertical.iter().map(|rect| rect.x0).collect();
    columns.sort_by(f32::total_cmp);
    columns.dedup();
    assert_eq!(columns, [100.0, 300.0, 500.0, 697.0]);
}

#[test]
fn breaks_are_bridged() {
    let broken = Page::new(255).horizontal(50, 100..300).horizontal(50, 308..600).lines();

    assert_eq!(broken.len(), 1, "{broken:?}");
    assert_eq!((broken[0].x0, broken[0].x1), (100.0, 600.0));
}

#[test]
fn lines_that_lean_say_by_how_much() {
    let sloping = |step: usize| {
        let part = |page: Page, at: usize| page.horizontal(200 + at, 100 + step * at..100 + step * (at + 1));
        (0..600 / step).fold(Page::new(255), part)
    };

    let found = sloping(25).find();

    assert_eq!(found.len(), 1, "{found:?}");
    let (start, end) = (found[0].at(0.0, 0.5), found[0].at(1.0, 0.5));
    assert!(((end.y - start.y) / (end.x - start.x) - 0.04).abs() < 0.001, "{start:?} {end:?}");
    assert_eq!(level(&found, &[]), []);
    assert_eq!(sloping(100).lines().len(), 1);
}

#[test]
fn lines_on_a_tint_count_and_its_edges_do_not() {
    let found = Page::new(255).fill(100..700, 200..300, 200).horizontal(250, 100..700).lines();

    assert_eq!(found, [Rect::new(100.0, 250.0, 700.0, 253.0)]);
}

#[test]
fn bars_letters_and_dashes_are_no_lines() {
    let bars = Page::new(255).fill(100..700, 50..70, 0).fill(100..120, 100..500, 0);
    // Stems as of 12-point letters, and a dash.
    let stems = (0..40).fold(bars, |page, at| page.vertical(200 + 12 * at, 300..324));

    assert_eq!(stems.horizontal(400, 200..233).lines(), []);
}

#[test]
fn both_lines_of_a_double_rule_are_found() {
    assert_eq!(Page::new(255).horizontal(50, 100..600).horizontal(57, 100..600).lines().len(), 2);
}

#[test]
fn noise_has_no_lines_and_an_empty_page_neither() {
    let mut seed = 7_u32;
    let noise: Vec<u8> = (0..WIDTH * HEIGHT)
        .flat_map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            [(seed >> 24) as u8; 3]
        })
        .collect();

    assert_eq!(Page { pixels: noise }.lines(), []);
    for (width, height) in [(0, 0), (3, 1)] {
        assert_eq!(find(&Raster::white(width, height), DPI, &RulingParams::default()), []);
    }
}

#[test]
fn what_runs_through_text_is_no_ruling() {
    let page = Page::new(255)
        .horizontal(120, 110..290)
        .horizontal(128, 100..300)
        .horizontal(140, 100..700)
        .vertical(200, 60..170)
        .vertical(320, 60..170);
    let text = [[100.0, 70.0, 300.0, 100.0], [100.0, 100.0, 300.0, 130.0], [100.0, 135.0, 300.0, 165.0]];

    let found = level(&page.find(), &text.map(Rect::from));

    let mut places: Vec<f32> =
        found.iter().map(|line| if line.width() > line.height() { line.y0 } else { line.x0 }).collect();
    places.iter_mut().for_each(|place| *place = place.round());
    places.sort_by(f32::total_cmp);
    assert_eq!(
        places,
        [128.0, 140.0, 320.0],
        "an underline, a rule that only begins in text, and one beside it"
    );
}
