//! Promises of the outline.

use quire_proto::{
    DocumentId, PageNumber, Rect,
    record::{FontStyle, Line, ModeReason, PageMode, PageSize, PageStatus},
};

use super::*;

fn block(kind: BlockKind, text: &str, size_pt: f32, y: f32) -> Block {
    let rect = Rect::new(100.0, y, 500.0, y + 20.0);
    let font = Some(FontStyle { size_pt, ..FontStyle::default() });
    Block {
        id: 1,
        kind,
        rect,
        confidence: None,
        lines: vec![Line { text: text.into(), rect, font, ..Line::default() }],
        level: (kind == BlockKind::Heading).then_some(3),
        list: None,
        table: None,
        figure: None,
        caption_of: None,
        mark: None,
        latex: None,
        language: None,
        script: None,
    }
}

fn page(number: u32, blocks: Vec<Block>) -> PageRecord {
    PageRecord {
        size: Some(PageSize { width_pt: 600., height_pt: 800., width_px: 600, height_px: 1000, dpi: 72. }),
        mode: PageMode::Text,
        mode_reason: ModeReason::CleanTextLayer,
        blocks,
        ..PageRecord::empty(DocumentId::of(b"test"), PageNumber::new(number).unwrap(), PageStatus::Done)
    }
}

fn applied(pages: &[PageRecord]) -> Vec<PageRecord> {
    let mut builder = OutlineBuilder::default();
    pages.iter().for_each(|page| builder.add(page));
    let outline = builder.finish();
    let mut pages = pages.to_vec();
    pages.iter_mut().for_each(|page| outline.apply(page));
    pages
}

fn levels(pages: &[PageRecord]) -> Vec<u8> {
    applied(pages).iter().flat_map(|page| &page.blocks).filter_map(|block| block.level).collect()
}

#[test]
fn levels_follow_sizes_over_the_whole_document() {
    let heading = |text, size| block(BlockKind::Heading, text, size, 300.0);

    let levels = levels(&[
        page(1, vec![heading("Title", 24.0), heading("Part", 16.0)]),
        page(2, vec![heading("Detail", 12.0), heading("Part", 16.0)]),
    ]);

    assert_eq!(levels, [1, 2, 3, 2]);
}

#[test]
fn numbers_decide_where_sizes_are_alike() {
    let heading = |text| block(BlockKind::Heading, text, 12.0, 300.0);

    let levels = levels(&[page(
        1,
        vec![
            block(BlockKind::Heading, "Title", 24.0, 200.0),
            heading("1 Introduction"),
            heading("1.1 Motivation"),
            heading("1.1.1 History"),
            heading("2 Methods"),
        ],
    )]);

    assert_eq!(levels, [1, 2, 3, 4, 2]);
}

#[test]
fn what_repeats_at_the_edge_is_furniture() {
    let pages: Vec<PageRecord> = (1..=4)
        .map(|number| {
            page(
                number,
                vec![
                    block(BlockKind::Paragraph, "A Running Title", 9.0, 30.0),
                    block(BlockKind::Paragraph, "Text that is not at an edge", 9.0, 300.0),
                    block(BlockKind::Paragraph, &format!("{number}"), 9.0, 960.0),
                ],
            )
        })
        .collect();

    for page in applied(&pages) {
        let kinds: Vec<BlockKind> = page.blocks.iter().map(|block| block.kind).collect();
        assert_eq!(kinds, [BlockKind::PageHeader, BlockKind::Paragraph, BlockKind::PageNumber]);
    }
}

/// The kinds of first blocks, of pages that begin `Lesson 1`, `Lesson 2` at the edge, with text at height `y`.
fn kinds_of_lessons(pages: u32, y: f32) -> Vec<BlockKind> {
    let pages: Vec<PageRecord> = (1..=pages)
        .map(|number| {
            let title = block(BlockKind::Paragraph, &format!("Lesson {number}"), 9.0, 90.0);
            page(number, vec![title, block(BlockKind::Paragraph, "Text that follows", 9.0, y)])
        })
        .collect();
    applied(&pages).iter().map(|page| page.blocks[0].kind).collect()
}

#[test]
fn first_lines_of_few_pages_are_furniture_only_when_set_apart() {
    let near = 115.0;
    let apart = 140.0;

    assert_eq!(kinds_of_lessons(2, apart), [BlockKind::Paragraph; 2]);
    assert_eq!(kinds_of_lessons(3, near), [BlockKind::Paragraph; 3]);
    assert_eq!(kinds_of_lessons(3, apart), [BlockKind::PageHeader; 3]);
    assert_eq!(kinds_of_lessons(6, near), [BlockKind::PageHeader; 6]);
}

#[test]
fn a_page_keeps_the_only_line_it_has() {
    let pages: Vec<PageRecord> = (1..=9)
        .map(|number| page(number, vec![block(BlockKind::Paragraph, &format!("Sheet {number}"), 9.0, 30.0)]))
        .collect();

    assert!(applied(&pages).iter().all(|page| page.blocks[0].kind == BlockKind::Paragraph));
}

#[test]
fn a_line_at_the_edge_that_comes_once_is_text() {
    let pages: Vec<PageRecord> = (1..=4)
        .map(|number| {
            let text = ["It begins", "and goes on", "over pages", "until it ends"][number as usize - 1];
            page(number, vec![block(BlockKind::Paragraph, text, 9.0, 30.0)])
        })
        .collect();

    assert!(applied(&pages).iter().all(|page| page.blocks[0].kind == BlockKind::Paragraph));
}

#[test]
fn memory_does_not_grow_with_pages() {
    let mut builder = OutlineBuilder::default();

    for number in 1..=20_000 {
        let words = format!("{}", number * 7919).replace(|c: char| c.is_ascii_digit(), "x")
            + &"y".repeat(number as usize % 977);
        builder.add(&page(number, vec![block(BlockKind::Heading, &words, (number % 50) as f32, 30.0)]));
    }

    assert!(builder.running.titles.len() <= 4097);
    assert!(builder.styles.len() <= 200);
}
