//! The dark border of a scan: the scanner's bed beside the paper, the shadow along a book's edge.
//!
//! ```text
//!  cells ─▶ dark ones that hang together with the edge ─▶ is it a border? ─▶ all that it cuts off from the page ─▶ erased
//! ```
//!
//! Marginal noise is found on a reduced image, as by Fan, Wang and Lay ("Marginal noise removal of document images", 2002),
//! and what lies beyond it is no part of the page, as with the page frame of Shafait, van Beusekom, Keysers and Breuel
//! ("Document cleanup using page frame detection", 2008). What must stay true: a dark area with light writing in it stays.

mod grid;

use quire_proto::Rect;
use quire_raster::Raster;

use grid::{ALONG, Grid};

/// What is darker than this share of the paper is dark. A grey bed is lighter and shows fewer edges that look like print.
const DARK: f32 = 0.35;
/// In the cells beside a border, what is darker than this share of the paper belongs to it.
const FRINGE: f32 = 0.8;
/// What is shorter than this many times its height is a scrap.
const SCRAP: f32 = 3.0;

/// The dark border of a scan.
#[derive(Clone, Debug)]
pub struct Border {
    grid: Grid,
    /// The cells of the page itself.
    kept: Vec<bool>,
    paper: Paper,
}

impl Border {
    /// The border of `page`, if it has one.
    pub fn find(page: &Raster) -> Option<Self> {
        let paper = Paper::of(page)?;
        let grid = has_dark_side(page, &paper).then(|| Grid::new(page, &paper))?;
        let kept = grid.page()?;
        Some(Self { grid, kept, paper })
    }

    /// A copy of `page` with the border in the colour of the paper.
    #[must_use]
    pub fn erased(&self, page: &Raster) -> Raster {
        erased(page, &self.grid, &self.kept, &self.paper)
    }

    /// Whether a box of the page, in pixels, is a scrap at the border, such as the worn edge of a cover: print that was not
    /// cut off runs on.
    pub fn is_scrap(&self, rect: &Rect) -> bool {
        let side = self.grid.side as f32;
        let near = rect.grown(side).scaled(1.0 / side);
        let cells = |from: f32, to: f32| from.floor().max(0.0) as usize..=to.floor().max(0.0) as usize;
        let mut cells = cells(near.y0, near.y1)
            .take(self.kept.len() / self.grid.columns)
            .flat_map(|y| cells(near.x0, near.x1).take(self.grid.columns).map(move |x| (x, y)));
        let is_short = rect.width().max(rect.height()) < SCRAP * rect.width().min(rect.height());
        let is_border = |(x, y): (usize, usize)| {
            x < self.grid.columns && self.kept.get(y * self.grid.columns + x).is_some_and(|kept| !kept)
        };
        is_short && cells.any(is_border)
    }
}

/// How light a pixel is, 0 to 255.
fn luminance(pixel: &[u8]) -> u8 {
    <[u8; 3]>::try_from(pixel).map_or(u8::MAX, quire_raster::luminance)
}

/// The colour of the paper, and how light it is.
#[derive(Clone, Copy, Debug)]
struct Paper {
    color: [u8; 3],
    light: f32,
}

impl Paper {
    /// The lighter quartile of a sample of pixels.
    fn of(page: &Raster) -> Option<Self> {
        const SAMPLES: i64 = 64;
        let (width, height) = (i64::from(page.width()), i64::from(page.height()));
        if width == 0 || height == 0 {
            return None;
        }
        let at = |index: i64, length: i64| (2 * index + 1) * length / (2 * SAMPLES);
        let pixel = |y: i64, x: i64| page.pixel(at(x, width), at(y, height));
        let mut sample: Vec<[u8; 3]> =
            (0..SAMPLES).flat_map(|y| (0..SAMPLES).map(move |x| pixel(y, x))).collect();
        let place = sample.len() * 3 / 4;
        let (_, color, _) = sample.select_nth_unstable_by_key(place, |pixel| luminance(pixel));
        Some(Self { color: *color, light: f32::from(luminance(color)) })
    }

    fn darker_than(&self, share: f32) -> u8 {
        (self.light * share) as u8
    }
}

/// Whether one side of the page is dark for long enough: most pages are done with here.
fn has_dark_side(page: &Raster, paper: &Paper) -> bool {
    let dark = paper.darker_than(DARK);
    let (width, height) = (i64::from(page.width()), i64::from(page.height()));
    let is_dark = |x: i64, y: i64| luminance(&page.pixel(x, y)) < dark;
    let across = |y: i64| (0..width).filter(|x| is_dark(*x, y)).count() as f32 >= ALONG * width as f32;
    let along = |x: i64| (0..height).filter(|y| is_dark(x, *y)).count() as f32 >= ALONG * height as f32;
    across(0) || across(height - 1) || along(0) || along(width - 1)
}

/// A copy of `page` in which only the cells `kept` stay; of those beside the others, only what is not their fringe.
fn erased(page: &Raster, grid: &Grid, kept: &[bool], paper: &Paper) -> Raster {
    let (width, side) = (page.width() as usize, grid.side);
    let fringe = paper.darker_than(FRINGE);
    let at_border: Vec<bool> =
        (0..kept.len()).map(|cell| grid.beside(cell).any(|beside| !kept[beside])).collect();
    let mut pixels = page.bytes().to_vec();
    for (y, row) in pixels.chunks_exact_mut(width * 3).enumerate() {
        let first = y / side * grid.columns;
        for (x, cell) in row.chunks_mut(side * 3).enumerate() {
            let at = first + x;
            if kept[at] && !at_border[at] {
                continue;
            }
            for pixel in cell.chunks_exact_mut(3) {
                if !kept[at] || luminance(pixel) < fringe {
                    pixel.copy_from_slice(&paper.color);
                }
            }
        }
    }
    // The copy has the size of the page.
    Raster::new(page.width(), page.height(), pixels).unwrap_or_else(|_| page.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_border(page: &Raster) -> Option<Raster> {
        Border::find(page).map(|border| border.erased(page))
    }

    const PAPER: u8 = 235;

    /// A page of 600 × 800 pixels with some dark boxes on it.
    fn page(dark: &[(Rect, u8)]) -> Raster {
        let mut pixels = vec![PAPER; 600 * 800 * 3];
        for (rect, level) in dark {
            for y in rect.y0 as usize..rect.y1 as usize {
                let row = &mut pixels[y * 1800..][..1800];
                row[rect.x0 as usize * 3..rect.x1 as usize * 3].fill(*level);
            }
        }
        Raster::new(600, 800, pixels).unwrap()
    }

    fn text() -> Vec<(Rect, u8)> {
        (0..20)
            .map(|row| (Rect::new(100.0, 100.0 + 30.0 * row as f32, 500.0, 108.0 + 30.0 * row as f32), 20))
            .collect()
    }

    /// Whether nothing is left of what is darker than the paper beside the text.
    fn is_clean(page: &Raster) -> bool {
        let inside = Rect::new(99.0, 99.0, 501.0, 701.0);
        (0..800_i64).all(|y| {
            (0..600_i64).all(|x| {
                let point = quire_proto::Point::new(x as f32, y as f32);
                inside.contains(point) || page.pixel(x, y) == [PAPER; 3]
            })
        })
    }

    #[test]
    fn a_border_goes_and_the_text_stays() {
        let mut dark = text();
        dark.extend([(Rect::new(0.0, 0.0, 37.0, 800.0), 10), (Rect::new(0.0, 771.0, 600.0, 800.0), 30)]);

        let cleaned = without_border(&page(&dark)).unwrap();

        assert!(is_clean(&cleaned));
        assert_eq!(cleaned.pixel(300, 104), [20; 3]);
    }

    #[test]
    fn print_beyond_a_dark_fold_belongs_to_another_page() {
        let mut dark = text();
        dark.extend([(Rect::new(560.0, 0.0, 580.0, 800.0), 25), (Rect::new(0.0, 780.0, 600.0, 800.0), 10)]);
        dark.extend(
            (0..20)
                .map(|row| (Rect::new(584.0, 90.0 + 30.0 * row as f32, 600.0, 98.0 + 30.0 * row as f32), 20)),
        );

        assert!(is_clean(&without_border(&page(&dark)).unwrap()));
    }

    #[test]
    fn a_small_sheet_on_the_bed_of_a_scanner_is_the_page() {
        let sheet = Rect::new(0.0, 0.0, 330.0, 420.0);
        let mut dark = vec![(Rect::new(0.0, 0.0, 600.0, 800.0), 12), (sheet, PAPER)];
        dark.push((Rect::new(100.0, 100.0, 300.0, 108.0), 20));

        let cleaned = without_border(&page(&dark));

        let cleaned = cleaned.unwrap();
        assert_eq!((cleaned.pixel(500, 700), cleaned.pixel(200, 104)), ([PAPER; 3], [20; 3]));
    }

    #[test]
    fn both_pages_of_an_open_book_stay() {
        let mut dark = text();
        dark.extend([(Rect::new(0.0, 0.0, 600.0, 40.0), 10), (Rect::new(0.0, 0.0, 30.0, 800.0), 10)]);
        dark.extend([(Rect::new(570.0, 0.0, 600.0, 800.0), 10), (Rect::new(0.0, 770.0, 600.0, 800.0), 10)]);
        dark.push((Rect::new(290.0, 0.0, 302.0, 800.0), 10));

        let cleaned = without_border(&page(&dark)).unwrap();

        assert_eq!((cleaned.pixel(150, 104), cleaned.pixel(450, 104)), ([20; 3], [20; 3]));
        assert!(is_clean(&cleaned));
    }

    #[test]
    fn only_scraps_at_the_border_are_none_of_the_page() {
        let border = Border::find(&page(&[(Rect::new(0.0, 0.0, 60.0, 800.0), 10)])).unwrap();

        assert!(border.is_scrap(&Rect::new(61.0, 300.0, 80.0, 320.0)));
        assert!(!border.is_scrap(&Rect::new(61.0, 300.0, 300.0, 320.0)));
        assert!(!border.is_scrap(&Rect::new(90.0, 300.0, 110.0, 320.0)));
        assert!(!border.is_scrap(&Rect::new(590.0, 790.0, 9e9, 9e9)));
    }

    #[test]
    fn print_that_touches_a_border_stays() {
        let mut dark = text();
        dark.push((Rect::new(0.0, 0.0, 120.0, 800.0), 20));

        let cleaned = without_border(&page(&dark)).unwrap();

        assert_eq!((cleaned.pixel(60, 104), cleaned.pixel(140, 104)), ([PAPER; 3], [20; 3]));
    }

    #[test]
    fn a_page_without_a_border_is_not_touched() {
        let frame = [(Rect::new(20.0, 20.0, 580.0, 40.0), 0), (Rect::new(20.0, 20.0, 40.0, 780.0), 0)];

        assert!(without_border(&page(&text())).is_none());
        assert!(without_border(&page(&frame)).is_none());
        assert!(without_border(&Raster::white(0, 0)).is_none());
        assert!(without_border(&Raster::white(1, 1)).is_none());
    }

    #[test]
    fn white_writing_on_a_dark_banner_stays() {
        let mut dark = text();
        dark.push((Rect::new(0.0, 0.0, 600.0, 90.0), 30));
        dark.extend((0..12).map(|letter| {
            (Rect::new(100.0 + 20.0 * letter as f32, 30.0, 104.0 + 20.0 * letter as f32, 60.0), 255)
        }));

        assert!(without_border(&page(&dark)).is_none());
    }

    #[test]
    fn a_picture_to_the_edge_stays() {
        let mut dark = text();
        let stripes = (0..60).map(|at| {
            (Rect::new(0.0, 300.0 + 8.0 * at as f32, 600.0, 308.0 + 8.0 * at as f32), (at % 8) as u8 * 12)
        });
        dark.extend(stripes);

        assert!(without_border(&page(&dark)).is_none());
    }
}
