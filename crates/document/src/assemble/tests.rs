//! Promises of the assembly.

use proptest::prelude::*;
use quire_proto::{
    Motion, Point, RegionKind, Rotation,
    record::{FontStyle, Mark, Word},
};

use super::*;

mod columns;
mod line_numbers;
mod mirrored;

fn line(text: &str, x0: f32, y0: f32, size_pt: f32) -> Line {
    let mut x = x0;
    let words: Vec<Word> = text
        .split_whitespace()
        .map(|word| {
            let width = 5.0 * word.chars().count() as f32 * size_pt / 10.0;
            let rect = Rect::new(x, y0, x + width, y0 + size_pt * 1.2);
            x += width + 3.0;
            Word { text: word.into(), rect, ..Word::default() }
        })
        .collect();
    let rect = Rect::around(words.iter().map(|word| &word.rect)).unwrap_or_default();
    let font = Some(FontStyle { size_pt, ..FontStyle::default() });
    Line { text: text.into(), rect, confidence: None, words, font }
}

fn evidence(lines: Vec<Line>) -> PageEvidence {
    PageEvidence {
        size: PageSize { width_pt: 600., height_pt: 800., width_px: 600, height_px: 800, dpi: 72. },
        mode: PageMode::Text,
        lines,
        regions: vec![],
        tables: vec![],
        rulings: vec![],
        images: vec![],
    }
}

const FULL: &str = "a full line of running text that goes on to the right edge of its column with many words";

/// Paragraphs as `(first line's indent, number of lines)`.
fn paragraph(y: f32, rows: usize) -> Vec<Line> {
    (0..rows).map(|row| line(FULL, 80.0, y + 12.0 * row as f32, 10.0)).collect()
}

fn kinds(blocks: &[Block]) -> Vec<BlockKind> {
    blocks.iter().map(|block| block.kind).collect()
}

fn region(kind: RegionKind, rect: Rect) -> Region {
    Region { kind, rect, score: 0.8 }
}

#[test]
fn a_numbered_title_in_typewriter_is_a_heading_and_a_command_is_code() {
    let typed = |text: &str, y: f32, size: f32| {
        let font = Some(FontStyle { size_pt: size, monospace: true, ..FontStyle::default() });
        Line { font, ..line(text, 80.0, y, size) }
    };
    let mut lines = vec![typed("4.1 control", 150.0, 14.0)];
    lines.extend(paragraph(190.0, 3));
    lines.push(typed("2.1 | control", 250.0, 10.0));

    let blocks = assemble(evidence(lines), &AssembleParams::default());

    assert_eq!(kinds(&blocks), [BlockKind::Heading, BlockKind::Paragraph, BlockKind::Code]);
    assert_eq!(blocks[0].level, Some(2));
}

#[test]
fn geometry_alone_finds_headings_paragraphs_and_lists() {
    let mut lines = vec![line("Chapter of Examples", 80.0, 150.0, 18.0)];
    lines.extend(paragraph(190.0, 3));
    lines.extend(paragraph(240.0, 3));
    lines.extend([
        line("• first item of a list", 80.0, 300.0, 10.0),
        line("• second item of a list", 80.0, 312.0, 10.0),
        line("– nested item", 100.0, 324.0, 10.0),
    ]);

    let blocks = assemble(evidence(lines), &AssembleParams::default());

    use BlockKind::{Heading, ListItem, Paragraph};
    assert_eq!(kinds(&blocks), [Heading, Paragraph, Paragraph, ListItem, ListItem, ListItem]);
    let depths: Vec<u8> = blocks.iter().filter_map(|block| Some(block.list.as_ref()?.depth)).collect();
    assert_eq!(depths, [0, 0, 1]);
    assert_eq!(blocks.iter().map(|block| block.id).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6]);
}

#[test]
fn the_number_of_a_chapter_is_part_of_its_title() {
    let mut lines =
        vec![line("CHAPTER 2", 400.0, 100.0, 18.0), line("Working with Others", 300.0, 150.0, 18.0)];
    lines.extend(paragraph(190.0, 3));
    lines.push(line("2.1 Alone", 80.0, 250.0, 14.0));
    lines.extend(paragraph(280.0, 3));

    let blocks = assemble(evidence(lines), &AssembleParams::default());

    use BlockKind::{Heading, Paragraph};
    assert_eq!(kinds(&blocks), [Heading, Paragraph, Heading, Paragraph]);
    assert_eq!(blocks[0].lines.len(), 2);
    assert_eq!((blocks[0].level, blocks[2].level), (Some(1), Some(2)));
}

#[test]
fn boxes_of_one_printed_line_become_one_line() {
    let mut lines = paragraph(200.0, 2);
    let right = line("and the rest of the line", 240.0, 224.0, 10.0);
    lines.extend([right, line("the beginning of the line here", 80.0, 224.0, 10.0)]);
    let mut evidence = evidence(lines);
    evidence.regions = vec![region(RegionKind::Text, Rect::new(70.0, 190.0, 560.0, 245.0))];

    let blocks = assemble(evidence, &AssembleParams::default());

    assert_eq!(blocks.len(), 1);
    assert_eq!(blocks[0].lines[2].text, "the beginning of the line here and the rest of the line");
}

#[test]
fn a_page_of_text_that_the_model_calls_a_figure_is_text() {
    let mut evidence = evidence(paragraph(200.0, 20));
    evidence.regions = vec![region(RegionKind::Figure, Rect::new(10.0, 20.0, 590.0, 780.0))];

    let blocks = assemble(evidence, &AssembleParams::default());

    assert_eq!(kinds(&blocks), [BlockKind::Paragraph]);
}

#[test]
fn labels_in_a_figure_stay_with_it_and_its_caption_names_it() {
    let mut lines = paragraph(150.0, 3);
    lines.extend([line("0.5", 120.0, 300.0, 8.0), line("x axis", 300.0, 380.0, 8.0)]);
    lines.push(line("Figure 2: Something over something", 150.0, 410.0, 10.0));
    let mut evidence = evidence(lines);
    evidence.regions = vec![region(RegionKind::Figure, Rect::new(100.0, 250.0, 500.0, 400.0))];

    let blocks = assemble(evidence, &AssembleParams::default());

    assert_eq!(kinds(&blocks), [BlockKind::Paragraph, BlockKind::Figure, BlockKind::Caption]);
    assert_eq!(blocks[1].lines.len(), 2);
    assert_eq!(blocks[2].caption_of, Some(blocks[1].id));
}

#[test]
fn page_numbers_and_headers_frame_the_page() {
    let mut lines = vec![line("7", 300.0, 770.0, 10.0)];
    lines.extend(paragraph(300.0, 4));
    lines.push(line("A Running Title", 80.0, 40.0, 10.0));
    let mut evidence = evidence(lines);
    evidence.regions = vec![region(RegionKind::Header, Rect::new(70.0, 35.0, 300.0, 55.0))];

    let blocks = assemble(evidence, &AssembleParams::default());

    assert_eq!(kinds(&blocks), [BlockKind::PageHeader, BlockKind::Paragraph, BlockKind::PageNumber]);
}

#[test]
fn a_skewed_page_reads_like_a_level_one() {
    let slope = 0.05;
    let column = |x: f32| {
        (0..12).map(move |row| line("some words of a narrow column here", x, 200.0 + 14.0 * row as f32, 10.0))
    };
    let level: Vec<Line> = column(60.0).chain(column(320.0)).collect();
    let lean = |rect: &mut Rect| {
        let dy = slope * rect.center().x;
        *rect = Rect { y0: rect.y0 + dy, y1: rect.y1 + dy, ..*rect };
    };
    let mut skewed = level.clone();
    for line in &mut skewed {
        line.words.iter_mut().for_each(|word| lean(&mut word.rect));
        line.rect = Rect::around(line.words.iter().map(|word| &word.rect)).unwrap();
    }

    let read = |lines: Vec<Line>| -> Vec<f32> {
        let blocks = assemble(evidence(lines), &AssembleParams::default());
        blocks.iter().flat_map(|block| &block.lines).map(|line| line.rect.x0).collect()
    };

    assert_eq!(read(skewed), read(level));
}

#[test]
fn blocks_turn_back_onto_the_page_as_it_is() {
    let blocks = assemble(evidence(paragraph(200.0, 3)), &AssembleParams::default());
    let upright = blocks[0].rect;

    let blocks = moved(blocks, &Motion::turn(Rotation::Quarter, 600.0, 800.0), 800.0, 600.0);

    assert_eq!(Rotation::ThreeQuarters.apply_rect(blocks[0].rect, 800.0, 600.0), upright);
}

#[test]
fn boxes_on_a_leaning_page_hold_what_they_held_and_stay_on_it() {
    let blocks = assemble(evidence(paragraph(200.0, 3)), &AssembleParams::default());
    let (level, line) = (blocks[0].rect, blocks[0].lines[0].rect);
    let lean = Motion::tilt(5.0, Point::new(300.0, 400.0), Point::new(60.0, 400.0));

    let blocks = moved(blocks, &lean, 600.0, 800.0);

    let (rect, corner) = (blocks[0].rect, lean.point(Point::new(level.x1, level.y0)));
    assert!(rect.contains(Point::new(corner.x - 1.0, corner.y)), "{rect:?} {corner:?}");
    assert!(rect.height() > level.height() + 20.0 && blocks[0].lines[0].rect.height() > line.height());
    assert_eq!(rect.x0, 0.0);
}

proptest! {
    #[test]
    fn every_line_comes_out_exactly_once(
        boxes in prop::collection::vec((0f32..600., 0f32..800., 0f32..400., 0f32..60.), 0..60),
        areas in prop::collection::vec((0usize..10, 0f32..600., 0f32..800., 0f32..600., 0f32..800., 0f32..1.), 0..12),
        scan in any::<bool>(),
    ) {
        use RegionKind::{Figure, FigureCaption, Footer, Formula, Header, Reference, Table, TableCaption, Text, Title};
        let all = [Text, Title, Figure, FigureCaption, Table, TableCaption, Header, Footer, Reference, Formula];
        let lines: Vec<Line> = (0..).zip(&boxes).map(|(at, &(x, y, w, h))| {
            let rect = Rect::new(x, y, x + w, y + h);
            let word = Word { text: format!("w{at}"), rect, ..Word::default() };
            Line { text: word.text.clone(), rect, words: vec![word], ..Line::default() }
        }).collect();
        let mut evidence = evidence(lines);
        evidence.mode = if scan { PageMode::Ocr } else { PageMode::Text };
        evidence.regions = areas.iter().map(|&(kind, x0, y0, x1, y1, score)| Region {
            kind: all[kind], rect: Rect::new(x0, y0, x1, y1), score,
        }).collect();

        let blocks = assemble(evidence, &AssembleParams::default());

        let mut words: Vec<String> = blocks.iter().flat_map(|block| &block.lines)
            .flat_map(|line| &line.words).map(|word| word.text.clone()).collect();
        let mut expected: Vec<String> = (0..boxes.len()).map(|at| format!("w{at}")).collect();
        words.sort();
        expected.sort();
        prop_assert_eq!(words, expected);
    }

    #[test]
    fn boxes_that_are_no_numbers_do_no_harm(edges in prop::collection::vec(prop::array::uniform4(any::<f32>()), 1..20)) {
        let lines: Vec<Line> = edges.iter().map(|&[x0, y0, x1, y1]| {
            let rect = Rect { x0, y0, x1, y1 };
            Line { text: "w".into(), rect, words: vec![Word { text: "w".into(), rect, ..Word::default() }], ..Line::default() }
        }).collect();

        let blocks = assemble(evidence(lines), &AssembleParams::default());

        for block in &blocks {
            prop_assert!([block.rect.x0, block.rect.y0, block.rect.x1, block.rect.y1].iter().all(|edge| edge.is_finite()));
        }
    }
}

fn texts(block: &Block) -> Vec<&str> {
    block.lines.iter().map(|line| line.text.as_str()).collect()
}

#[test]
fn numbers_on_a_contents_page_stay_with_their_titles() {
    let titles = ["Introduction", "Scope of the work", "Thanks", "Methods", "Results"];
    let numbers = ["1", "1.1", "1.2", "2", "IV."];
    let lines: Vec<Line> = (0..titles.len())
        .flat_map(|at| {
            let y = 200.0 + 14.0 * at as f32;
            let page = (3 + 4 * at).to_string();
            let x = 520.0 - 5.0 * page.len() as f32;
            [line(numbers[at], 80.0, y, 10.0), line(titles[at], 130.0, y, 10.0), line(&page, x, y, 10.0)]
        })
        .collect();

    for mode in [PageMode::Ocr, PageMode::Text] {
        let page = PageEvidence { mode, ..evidence(lines.clone()) };
        let blocks = assemble(page, &AssembleParams::default());

        let read: Vec<&str> = blocks.iter().flat_map(texts).collect();
        let expected = [
            "1 Introduction 3",
            "1.1 Scope of the work 7",
            "1.2 Thanks 11",
            "2 Methods 15",
            "IV. Results 19",
        ];
        assert_eq!(read, expected);
    }
}

/// A page with `line` at a height of 300 in a region of `kind`, between two paragraphs.
fn hinted(kind: RegionKind, text: &str) -> Vec<Block> {
    let hinted = line(text, 80.0, 300.0, 10.0);
    let Rect { x0, y0, x1, y1 } = hinted.rect;
    let rect = Rect::new(x0 - 2.0, y0 - 2.0, x1 + 2.0, y1 + 2.0);
    let mut lines = paragraph(200.0, 3);
    lines.extend([hinted]);
    lines.extend(paragraph(360.0, 3));
    let mut evidence = evidence(lines);
    evidence.regions = vec![region(kind, rect)];
    assemble(evidence, &AssembleParams::default())
}

#[test]
fn what_a_better_layout_model_knows_becomes_blocks_of_that_kind() {
    let kind = |kind, text| hinted(kind, text)[1].kind;

    assert_eq!(kind(RegionKind::Code, "for x in y"), BlockKind::Code);
    assert_eq!(kind(RegionKind::Footnote, "see there"), BlockKind::Footnote);
    assert_eq!(kind(RegionKind::ListItem, "an item whose bullet nobody saw"), BlockKind::ListItem);
    assert_eq!(kind(RegionKind::Aside, "a note"), BlockKind::Paragraph);
    assert_eq!(kind(RegionKind::Other, "a box to tick"), BlockKind::Paragraph);
}

#[test]
fn on_a_scan_the_text_below_a_note_line_is_notes() {
    let mut lines = paragraph(100.0, 3);
    for (text, y) in
        [("1 See the first part of the report", 800.0), ("and the second.", 816.0), ("2 Nobody has.", 832.0)]
    {
        lines.push(line(text, 80.0, y, 10.0));
    }
    lines.iter_mut().for_each(|line| line.font = None);
    let kinds = |rulings: Vec<Rect>| -> Vec<BlockKind> {
        let evidence = PageEvidence { mode: PageMode::Ocr, rulings, ..evidence(lines.clone()) };
        assemble(evidence, &AssembleParams::default()).iter().map(|block| block.kind).collect()
    };

    let notes = kinds(vec![Rect::new(80.0, 790.0, 200.0, 792.0)]);

    assert_eq!(notes, [BlockKind::Paragraph, BlockKind::Footnote, BlockKind::Footnote]);
    assert!(!kinds(Vec::new()).contains(&BlockKind::Footnote));
}

#[test]
fn a_list_item_without_its_bullet_has_an_empty_marker() {
    let blocks = hinted(RegionKind::ListItem, "an item whose bullet nobody saw");

    assert_eq!(blocks[1].list, Some(quire_proto::record::ListItem::default()));
}

#[test]
fn a_page_number_that_the_model_sees_is_one_at_either_edge() {
    let mut lines = paragraph(200.0, 3);
    lines.push(line("Chapter 3", 80.0, 30.0, 10.0));
    lines.push(line("17", 500.0, 30.0, 10.0));
    let mut evidence = evidence(lines);
    evidence.regions = vec![
        region(RegionKind::Header, Rect::new(70.0, 25.0, 140.0, 50.0)),
        region(RegionKind::PageNumber, Rect::new(490.0, 25.0, 520.0, 50.0)),
    ];

    let blocks = assemble(evidence, &AssembleParams::default());

    assert_eq!(kinds(&blocks), [BlockKind::PageHeader, BlockKind::PageNumber, BlockKind::Paragraph]);
}

#[test]
fn what_a_person_left_on_the_page_is_marked() {
    let stamp = hinted(RegionKind::Stamp, "RECEIVED");
    let signature = hinted(RegionKind::Signature, "J. Doe");
    let written = hinted(RegionKind::Handwriting, "call back on Monday");

    let seen = |blocks: &[Block]| (blocks[1].kind, blocks[1].mark, blocks[1].lines.len());
    assert_eq!(seen(&stamp), (BlockKind::Figure, Some(Mark::Stamp), 1));
    assert_eq!(seen(&signature), (BlockKind::Figure, Some(Mark::Signature), 1));
    assert_eq!(seen(&written), (BlockKind::Paragraph, Some(Mark::Handwriting), 1));
    assert_eq!(stamp[0].mark, None);
}

#[test]
fn a_formula_or_writing_in_which_nothing_was_read_is_a_picture() {
    let mut evidence = evidence(paragraph(200.0, 3));
    evidence.regions = vec![
        region(RegionKind::Formula, Rect::new(200.0, 300.0, 300.0, 330.0)),
        region(RegionKind::Handwriting, Rect::new(200.0, 400.0, 300.0, 430.0)),
    ];

    let blocks = assemble(evidence, &AssembleParams::default());

    assert_eq!(kinds(&blocks), [BlockKind::Paragraph, BlockKind::Formula, BlockKind::Figure]);
    assert!(blocks[1..].iter().all(|block| block.figure.is_some() && block.lines.is_empty()));
    assert_eq!(blocks[2].mark, Some(Mark::Handwriting));
}
