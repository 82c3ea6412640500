//! Detection, recognition, orientation and table structure equal those of the reference implementations.
//!
//! `golden/ocr.py` makes the golden files.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod common;

use quire_models::{
    calibrate::Calibration,
    detect::{self, DetectParams, Detector, Frame, ProbMap},
    manifest::{Range, Role},
    orient::{self, LineOrienter, OrientParams},
    provider::{Precision, Provider},
    recognize::{self, Alphabet, CtcPath, LineImage, RecognizeParams, Recognizer, SpaceParams},
    session::Session,
    table::{self, TableParams, TableReader, TableStep, Vocabulary},
};
use quire_proto::{Point, Quad, Rect};
use quire_raster::Raster;

fn picture(bytes: &[u8]) -> Raster {
    let image = image::load_from_memory(bytes).unwrap().to_rgb8();
    Raster::new(image.width(), image.height(), image.into_raw()).unwrap()
}

/// No ink is a space: the reference knows none.
fn written_spaces_only() -> SpaceParams {
    SpaceParams { min_gap: f32::INFINITY, mixed_gap: f32::INFINITY, ..SpaceParams::default() }
}

#[derive(serde::Deserialize)]
struct GoldenLines {
    page: [u32; 2],
    lines: Vec<GoldenBox>,
}

#[derive(serde::Deserialize)]
struct GoldenBox {
    quad: [[f32; 2]; 4],
    score: f32,
}

#[test]
fn lines_of_a_map_are_those_of_the_reference() {
    let image = image::load_from_memory(include_bytes!("golden/detect.png")).unwrap().to_luma8();
    let golden: GoldenLines = serde_json::from_str(include_str!("golden/detect.json")).unwrap();
    let (width, height) = image.dimensions();
    let map = ProbMap {
        width: width as usize,
        height: height as usize,
        values: image.into_raw(),
        frame: Frame { page: (golden.page[0], golden.page[1]), scaled: (width, height) },
    };

    let found = detect::decode(&map, &DetectParams::default());

    assert_eq!(found.len(), golden.lines.len(), "{found:?}");
    for expected in &golden.lines {
        let corners = expected.quad.map(|[x, y]| Point::new(x, y));
        // The reference rounds twice to whole pixels of the map, which are two pixels of this page.
        let near = |quad: &Quad| quad.0.iter().zip(corners).all(|(a, b)| a.distance(b) < 4.0);
        let line = found.iter().find(|line| near(&line.quad));
        let line = line.unwrap_or_else(|| panic!("{corners:?} is not in {found:?}"));
        assert!((line.score - expected.score).abs() < 0.03, "{} {}", line.score, expected.score);
    }
}

#[derive(serde::Deserialize)]
struct GoldenPaths {
    alphabet: String,
    paths: Vec<GoldenPath>,
}

#[derive(serde::Deserialize)]
struct GoldenPath {
    classes: Vec<u32>,
    probabilities: Vec<f32>,
    text: String,
}

#[test]
fn paths_read_as_the_reference_reads_them() {
    let golden: GoldenPaths = serde_json::from_str(include_str!("golden/ctc.json")).unwrap();
    let alphabet = Alphabet::from_metadata(&golden.alphabet);

    for GoldenPath { classes, probabilities, text } in golden.paths {
        let path = CtcPath { classes, probabilities };
        let read = recognize::decode(&path, &alphabet, &LineImage::default(), &written_spaces_only());

        assert_eq!(read.text, text.trim(), "{path:?}");
    }
}

#[derive(serde::Deserialize)]
struct GoldenReadings {
    bucket: u32,
    lines: Vec<GoldenReading>,
}

#[derive(serde::Deserialize)]
struct GoldenReading {
    classes: Vec<u32>,
    probabilities: Vec<f32>,
    text: String,
    confidence: f32,
    upside_down: [f32; 2],
}

/// The drawn lines as they are: natural width, not trimmed.
fn golden_lines() -> Vec<LineImage> {
    let params = RecognizeParams { squeeze: 1.0, margin: 1000, ..RecognizeParams::default() };
    let files: [&[u8]; 3] = [
        include_bytes!("golden/line-0.png"),
        include_bytes!("golden/line-1.png"),
        include_bytes!("golden/line-2.png"),
    ];
    files
        .map(|file| {
            let page = picture(file);
            let whole = Rect::new(0.0, 0.0, page.width() as f32, page.height() as f32);
            recognize::rectify(&page, &Quad::from(whole), &params).unwrap()
        })
        .into()
}

fn golden_readings() -> GoldenReadings {
    serde_json::from_str(include_str!("golden/lines.json")).unwrap()
}

fn paths(recognizer: &mut Recognizer<impl Session>, lines: &[&LineImage], bucket: u32) -> Vec<CtcPath> {
    recognizer.run(lines, bucket, &RecognizeParams::default()).unwrap()
}

/// The ground beside a line is a byte: 128, where the reference has exactly 0, which is 127.5.
const OF_REFERENCE: f32 = 1e-2;

fn assert_same(path: &CtcPath, classes: &[u32], probabilities: &[f32], tolerance: f32) {
    assert_eq!(path.classes, classes);
    for (found, expected) in path.probabilities.iter().zip(probabilities) {
        assert!((found - expected).abs() < tolerance, "{found} {expected}");
    }
}

#[test]
fn lines_read_as_the_reference_reads_them() {
    let Some((store, manifest)) = common::assets() else { return };
    let session = common::session(&store, &manifest, Role::Recognize);
    let alphabet = Alphabet::from_metadata(&session.metadata("character").unwrap());
    let mut recognizer = Recognizer::new(session);
    let golden = golden_readings();

    for (line, expected) in golden_lines().iter().zip(&golden.lines) {
        let path = paths(&mut recognizer, &[line], golden.bucket).remove(0);
        let read = recognize::decode(&path, &alphabet, line, &SpaceParams::default());

        assert_same(&path, &expected.classes, &expected.probabilities, OF_REFERENCE);
        assert_eq!(read.text, expected.text);
        assert!((read.confidence - expected.confidence).abs() < 0.02, "{}", read.confidence);
    }
}

/// Two of the drawn lines in turns, `times` each, on one line.
fn long_line(times: usize) -> Raster {
    let parts = [&include_bytes!("golden/line-0.png")[..], include_bytes!("golden/line-1.png")].map(picture);
    let mut rows = vec![Vec::new(); 48];
    for part in parts.iter().cycle().take(2 * times) {
        let width = part.width() as usize * 3;
        for (row, pixels) in rows.iter_mut().zip(part.bytes().chunks_exact(width)) {
            row.extend_from_slice(pixels);
        }
    }
    Raster::new((rows[0].len() / 3) as u32, 48, rows.concat()).unwrap()
}

#[test]
fn a_very_long_line_reads_as_its_parts_do() {
    let Some((store, manifest)) = common::assets() else { return };
    let session = common::session(&store, &manifest, Role::Recognize);
    let alphabet = Alphabet::from_metadata(&session.metadata("character").unwrap());
    let mut recognizer = Recognizer::new(session);
    let params = RecognizeParams::default();
    let page = long_line(10);
    let whole = Quad::from(Rect::new(0.0, 0.0, page.width() as f32, 48.0));

    let pieces = recognize::pieces(&page, &whole, &params);
    let mut text = String::new();
    let mut before = None;
    for piece in &pieces {
        let path = recognizer.run(&[piece], params.bucket(piece.width()), &params).unwrap().remove(0);
        let read = recognize::decode(&path, &alphabet, piece, &params.spaces);
        if before.is_some_and(|before| recognize::meet_with_space(&before, &read, piece, &params.spaces)) {
            text.push(' ');
        }
        text.push_str(&read.text);
        before = Some(read);
    }

    assert!(pieces.len() > 1 && pieces.iter().all(|piece| piece.width() <= 3200), "{}", pieces.len());
    // In a piece that begins elsewhere, the recogniser may see another space than in the whole line.
    let letters = |text: &str| text.replace(' ', "");
    let whole = ["A line of text, as scanned. Price: 12,50 EUR (net)"; 10].join(" ");
    assert_eq!(letters(&text), letters(&whole));
    assert!(text.split(' ').count() + 2 >= whole.split(' ').count(), "{text}");
}

#[test]
fn lines_read_in_bytes_as_in_floats() {
    let Some((store, manifest)) = common::assets() else { return };
    let bytes = Provider::OpenVino(Precision::Int8);
    let session = common::session_for(bytes, &store, &manifest, Role::Recognize);
    let alphabet = Alphabet::from_metadata(&session.metadata("character").unwrap());
    let mut recognizer = Recognizer::new(session);
    let golden = golden_readings();

    for (line, expected) in golden_lines().iter().zip(&golden.lines) {
        let path = paths(&mut recognizer, &[line], golden.bucket).remove(0);
        let read = recognize::decode(&path, &alphabet, line, &SpaceParams::default());

        assert_eq!(read.text, expected.text);
        assert!((read.confidence - expected.confidence).abs() < 0.03, "{}", read.confidence);
    }
}

#[test]
fn calibration_finds_the_tensors_of_the_manifest_and_changes_no_answer() {
    let Some((store, manifest)) = common::assets() else { return };
    let model = manifest.model(Role::Recognize).unwrap();
    let calibration = Calibration::open(&store, &manifest, model).unwrap();
    let measured = calibration.ranges();
    let mut recognizer = Recognizer::new(calibration);
    let golden = golden_readings();

    for (line, expected) in golden_lines().iter().zip(&golden.lines) {
        let path = paths(&mut recognizer, &[line], golden.bucket).remove(0);
        assert_same(&path, &expected.classes, &expected.probabilities, OF_REFERENCE);
    }

    let measured = measured.measured();
    let names = |ranges: &[Range]| ranges.iter().map(|range| range.tensor.clone()).collect::<Vec<_>>();
    assert_eq!(names(&measured), names(&model.ranges));
    // Three lines reach about as far as the documents did.
    for (few, all) in measured.iter().zip(&model.ranges) {
        assert!(few.high > all.high / 8.0 && few.high < all.high * 2.0, "{few:?} {all:?}");
        assert!(few.low <= all.low / 8.0 && few.low > all.low * 2.0 - 0.1, "{few:?} {all:?}");
    }
}

#[test]
fn a_batch_equals_its_lines_one_by_one() {
    let Some((store, manifest)) = common::assets() else { return };
    let mut recognizer = Recognizer::new(common::session(&store, &manifest, Role::Recognize));
    let lines = golden_lines();
    let bucket = golden_readings().bucket;

    let together = paths(&mut recognizer, &lines.iter().collect::<Vec<_>>(), bucket);

    for (line, path) in lines.iter().zip(together) {
        let alone = paths(&mut recognizer, &[line], bucket).remove(0);
        assert_same(&path, &alone.classes, &alone.probabilities, 1e-3);
    }
}

#[test]
fn a_line_upside_down_is_told_as_the_reference_tells_it() {
    let Some((store, manifest)) = common::assets() else { return };
    let mut orienter = LineOrienter::new(common::session(&store, &manifest, Role::Orient));
    let ground = OrientParams::default().ground;

    for (line, expected) in golden_lines().iter().zip(golden_readings().lines) {
        let both = [line, &line.turned()].map(|line| orient::preprocess(line).unwrap());
        let found = orienter.run(&both, ground).unwrap();

        for (found, expected) in found.iter().zip(expected.upside_down) {
            assert!((found.0 - expected).abs() < 0.05, "{found:?} {expected}");
        }
    }
}

#[test]
fn a_page_is_read_line_by_line() {
    let Some((store, manifest)) = common::assets() else { return };
    let mut detector = Detector::new(common::session(&store, &manifest, Role::Detect));
    let session = common::session(&store, &manifest, Role::Recognize);
    let alphabet = Alphabet::from_metadata(&session.metadata("character").unwrap());
    let (mut recognizer, params) = (Recognizer::new(session), RecognizeParams::default());
    let page = picture(include_bytes!("golden/page.png"));

    let input = detect::preprocess(&page, &DetectParams::default()).unwrap();
    let map = detector.run(&[input]).unwrap().remove(0);
    let mut lines = detect::decode(&map, &DetectParams::default());
    lines.sort_by(|a, b| a.quad.bounds().y1.total_cmp(&b.quad.bounds().y1));
    let read = lines.iter().map(|line| {
        let image = recognize::rectify(&page, &line.quad, &params).unwrap();
        let path = paths(&mut recognizer, &[&image], params.bucket(image.width())).remove(0);
        recognize::decode(&path, &alphabet, &image, &params.spaces).text
    });

    let expected = [
        "Heading of the page",
        "A line of running text, set small",
        "and the line below it, a little longer",
        "Ink that is grey",
        "a line that climbs the page",
    ];
    assert_eq!(read.take(5).collect::<Vec<_>>(), expected);
}

#[derive(serde::Deserialize)]
struct GoldenTable {
    vocabulary: String,
    size: [f32; 2],
    steps: Vec<GoldenStep>,
    places: Vec<[u32; 4]>,
    boxes: Vec<[f32; 8]>,
}

#[derive(serde::Deserialize)]
struct GoldenStep {
    token: u32,
    probability: f32,
    #[serde(rename = "box")]
    corners: [f32; 8],
}

fn around(corners: &[f32; 8]) -> Rect {
    let [x0, y0, x1, y1, x2, y2, x3, y3] = *corners;
    Quad([Point::new(x0, y0), Point::new(x1, y1), Point::new(x2, y2), Point::new(x3, y3)]).bounds()
}

fn golden_table() -> (GoldenTable, Vocabulary, Vec<TableStep>) {
    let golden: GoldenTable = serde_json::from_str(include_str!("golden/table.json")).unwrap();
    let vocabulary = Vocabulary::from_metadata(&golden.vocabulary);
    let step = |step: &GoldenStep| TableStep {
        token: step.token,
        probability: step.probability,
        area: around(&step.corners),
    };
    let steps = golden.steps.iter().map(step).collect();
    (golden, vocabulary, steps)
}

#[test]
fn a_table_has_the_cells_of_the_reference() {
    let (golden, vocabulary, steps) = golden_table();
    let crop = Rect::new(0.0, 0.0, golden.size[0], golden.size[1]);

    let table = table::decode(&steps, &vocabulary, &crop, &TableParams::default());

    assert_eq!((table.rows, table.columns), (4, 3));
    assert_eq!(table.cells.len(), golden.places.len());
    for ((cell, place), corners) in table.cells.iter().zip(golden.places).zip(&golden.boxes) {
        assert_eq!([cell.row, cell.row_span, cell.column, cell.column_span], place);
        assert!(cell.rect.iou(&around(corners)) > 0.99, "{:?} {corners:?}", cell.rect);
    }
}

#[test]
fn a_table_is_read_as_the_reference_reads_it() {
    let Some((store, manifest)) = common::assets() else { return };
    let mut reader = TableReader::new(common::session(&store, &manifest, Role::Table));
    let (golden, vocabulary, _) = golden_table();
    let page = picture(include_bytes!("golden/table.png"));
    let params = TableParams::new(manifest.model(Role::Table).unwrap());

    let steps = reader.run(&[table::preprocess(&page, &params).unwrap()], &params).unwrap().remove(0);
    let crop = Rect::new(0.0, 0.0, golden.size[0], golden.size[1]);
    let table = table::decode(&steps, &vocabulary, &crop, &params);

    assert_eq!(table.cells.len(), golden.places.len(), "{table:?}");
    for (cell, corners) in table.cells.iter().zip(&golden.boxes) {
        assert!(cell.rect.iou(&around(corners)) > 0.9, "{:?} {corners:?}", cell.rect);
    }
}
