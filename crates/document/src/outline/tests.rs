//! Promises of the outline.

use quire_proto::{
    DocumentId, PageNumber, Rect,
    page_text::Bookmark,
    record::{Cell, FontStyle, Line, ModeReason, PageMode, PageSize, PageStatus, Table},
};

use super::*;

fn block(kind: BlockKind, text: &str, size_pt: f32, y: f32) -> Block {
    let rect = Rect::new(100.0, y, 500.0, y + 20.0);
    let font = Some(FontStyle { size_pt, ..FontStyle::default() });
    Block {
        id: 1,
        lines: vec![Line { text: text.into(), rect, font, ..Line::default() }],
        level: (kind == BlockKind::Heading).then_some(3),
        ..Block::new(kind, rect)
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
    let mut outline = builder.finish();
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

/// A page whose outline lists `entries`.
fn listing(page: PageRecord, entries: &[(u8, &str)]) -> PageRecord {
    let outline = entries.iter().map(|(level, title)| Bookmark { level: *level, title: (*title).into() });
    PageRecord { outline: outline.collect(), ..page }
}

#[test]
fn the_outline_of_the_file_makes_headings_and_their_levels() {
    let heading = |text, size| block(BlockKind::Heading, text, size, 300.0);
    let text = |text| block(BlockKind::Paragraph, text, 9.0, 300.0);
    let first = page(1, vec![heading("A Title", 24.0), heading("2. Work", 14.0), text("Tools and hosts")]);
    let second = page(2, vec![text("Tools and hosts"), text("Tools"), heading("not listed", 14.0)]);

    let pages = applied(&[
        listing(first, &[(1, "Work"), (2, "Tools and hosts")]),
        listing(second, &[(3, "Tools: and \u{ad}hosts")]),
    ]);

    let kinds = |page: &PageRecord| -> Vec<(BlockKind, Option<u8>)> {
        page.blocks.iter().map(|block| (block.kind, block.level)).collect()
    };
    let heading = |level| (BlockKind::Heading, Some(level));
    assert_eq!(kinds(&pages[0]), [heading(1), heading(2), heading(3)]);
    assert_eq!(kinds(&pages[1]), [heading(4), (BlockKind::Paragraph, None), heading(2)]);
}

#[test]
fn a_heading_is_listed_before_text_that_reads_alike() {
    let blocks = vec![
        block(BlockKind::Paragraph, "Methods", 9.0, 200.0),
        block(BlockKind::Heading, "Methods", 14.0, 300.0),
        block(BlockKind::Paragraph, "Methods", 9.0, 400.0),
    ];

    let pages = applied(&[listing(page(1, blocks), &[(1, "3.1 Methods")])]);

    let headings = pages[0].blocks.iter().map(|block| block.kind == BlockKind::Heading);
    assert_eq!(headings.collect::<Vec<_>>(), [false, true, false]);
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

/// A block of `lines` that all reach from 100 to 500 but the last, which reaches to `end`.
fn paragraph(id: u32, lines: &[&str], y: f32, end: f32) -> Block {
    let font = Some(FontStyle { size_pt: 9.0, ..FontStyle::default() });
    let line = |(at, text): (usize, &&str)| {
        let x1 = if at + 1 == lines.len() { end } else { 500.0 };
        let rect = Rect::new(100.0, y + 20.0 * at as f32, x1, y + 20.0 * at as f32 + 15.0);
        Line { text: (*text).into(), rect, font, ..Line::default() }
    };
    let lines: Vec<Line> = lines.iter().enumerate().map(line).collect();
    let rect = Rect::around(lines.iter().map(|line| &line.rect)).unwrap();
    Block { id, lines, ..Block::new(BlockKind::Paragraph, rect) }
}

/// For each block its page and number, and those of the block that it goes on with.
fn continuations(pages: &[PageRecord]) -> Vec<((u32, u32), (u32, u32))> {
    let pages = applied(pages);
    let of = |page: &PageRecord| -> Vec<((u32, u32), (u32, u32))> {
        let number = page.page.get();
        let with = |block: &Block| {
            block.continues.map(|before| ((number, block.id), (before.page.get(), before.block)))
        };
        page.blocks.iter().filter_map(with).collect()
    };
    pages.iter().flat_map(of).collect()
}

#[test]
fn a_paragraph_goes_on_over_columns_pages_and_what_stands_between() {
    let figure = Block { id: 2, ..block(BlockKind::Figure, "", 9.0, 600.0) };
    let note = Block { id: 3, ..block(BlockKind::Footnote, "1 A note", 8.0, 800.0) };
    let first =
        paragraph(1, &["It begins here and the sentence", "goes on with a word that is bro-"], 300.0, 500.0);
    let second =
        paragraph(1, &["ken at the end of the page and with the", "next column, in which"], 300.0, 500.0);
    let third = paragraph(2, &["Hansestadt Bremen a capital follows", "a full line."], 200.0, 300.0);
    let fourth = paragraph(3, &["another one begins", "here."], 400.0, 300.0);

    let tied = continuations(&[page(1, vec![first, figure, note]), page(2, vec![second, third, fourth])]);

    assert_eq!(tied, [((2, 1), (1, 1)), ((2, 2), (2, 1))]);
}

#[test]
fn what_begins_a_new_paragraph_goes_on_with_none() {
    let open =
        |end: f32| paragraph(1, &["The last paragraph of the page has no", "dot at its end"], 800.0, end);
    let next = |text: &str| paragraph(1, &[text, "and on."], 100.0, 300.0);
    let mut indented = next("A new one");
    indented.lines[0].rect.x0 += 20.0;
    let large = {
        let mut large = next("of another size");
        large.lines[0].font = Some(FontStyle { size_pt: 12.0, ..FontStyle::default() });
        large
    };
    let heading = Block { level: Some(1), ..block(BlockKind::Heading, "A heading", 12.0, 60.0) };
    let tied =
        |first: Block, second: Vec<Block>| continuations(&[page(1, vec![first]), page(2, second)]).len();

    assert_eq!(tied(open(500.0), vec![next("A capital")]), 1);
    assert_eq!(tied(open(300.0), vec![next("A capital")]), 0, "room was left");
    assert_eq!(tied(open(500.0), vec![indented]), 0);
    assert_eq!(tied(open(500.0), vec![large]), 0);
    assert_eq!(tied(open(500.0), vec![heading, next("after a heading")]), 0);
    assert_eq!(
        tied(paragraph(1, &["The last", "sentence is over."], 800.0, 500.0), vec![next("so this")]),
        0
    );
}

#[test]
fn a_box_beside_a_paragraph_does_not_end_it() {
    let continued = |width: f32, size_pt: f32| {
        let above = paragraph(1, &["Narrow text beside a box", "goes on below the box and"], 300.0, 500.0);
        let mut boxed = paragraph(2, &["Text in it", "that does not end"], 300.0, 100.0 + width);
        let moved = |rect: Rect| Rect::new(rect.x0 + 450.0, rect.y0, rect.x1 + 450.0, rect.y1);
        for line in &mut boxed.lines {
            line.rect = Rect { x1: line.rect.x0 + 450.0 + width, ..moved(line.rect) };
            line.font = Some(FontStyle { size_pt, ..FontStyle::default() });
        }
        boxed.rect = Rect { x1: boxed.rect.x0 + 450.0 + width, ..moved(boxed.rect) };
        let below = paragraph(3, &["ends there."], 400.0, 300.0);
        continuations(&[page(1, vec![above, boxed, below])])
    };

    assert_eq!(continued(400.0, 7.0), [((1, 3), (1, 1))], "smaller text");
    assert_eq!(continued(250.0, 9.0), [((1, 3), (1, 1))], "a narrower box");
    assert_eq!(continued(400.0, 9.0), [((1, 3), (1, 2))], "a column of the same text");
}

/// A table at height `y` with columns of words at `xs`, its first row a heading when `headed`.
fn table(id: u32, y: f32, xs: &[f32], rows: &[&[&str]], headed: bool) -> Block {
    let cell = |row: usize, column: usize| {
        let rect =
            Rect::new(xs[column], y + 20.0 * row as f32, xs[column] + 60.0, y + 20.0 * row as f32 + 15.0);
        let lines = vec![Line { text: rows[row][column].into(), rect, ..Line::default() }];
        Cell { row: row as u32, column: column as u32, row_span: 1, column_span: 1, rect, lines }
    };
    let cells = (0..rows.len()).flat_map(|row| (0..xs.len()).map(move |column| cell(row, column)));
    let table = Table {
        rows: rows.len() as u32,
        columns: xs.len() as u32,
        header_rows: u32::from(headed),
        cells: cells.collect(),
    };
    let rect = Rect::new(xs[0], y, 500.0, y + 20.0 * rows.len() as f32);
    Block { id, table: Some(table), ..Block::new(BlockKind::Table, rect) }
}

const COLUMNS: [f32; 2] = [100.0, 300.0];

fn repeated(first: Vec<Block>, second: Vec<Block>) -> Option<u32> {
    let pages = applied(&[page(1, first), page(2, second)]);
    pages[1].blocks.iter().find_map(|block| block.continues).map(|before| {
        assert_eq!((before.page.get(), before.block), (1, 1));
        before.repeated_rows
    })
}

#[test]
fn a_table_goes_on_at_the_top_of_the_next_page() {
    let first = || table(1, 850.0, &COLUMNS, &[&["Name", "Sum"], &["a", "1"]], true);
    let bare = table(1, 60.0, &COLUMNS, &[&["b", "2"], &["c", "3"]], false);
    let headed = table(1, 60.0, &COLUMNS, &[&["Name", "Sum"], &["b", "2"]], true);
    let note = Block { id: 2, ..block(BlockKind::Footnote, "1 A note", 8.0, 950.0) };
    let title = |text| block(BlockKind::Caption, text, 9.0, 40.0);
    let numbered = || {
        vec![
            Block { caption_of: Some(1), id: 4, ..block(BlockKind::Caption, "Table 3: All", 9.0, 800.0) },
            first(),
        ]
    };

    assert_eq!(repeated(vec![first()], vec![bare]), Some(0));
    assert_eq!(repeated(vec![first(), note], vec![headed.clone()]), Some(1));
    assert_eq!(repeated(numbered(), vec![title("Table 3 (continued)"), headed]), Some(1));
}

#[test]
fn another_table_is_another_table() {
    let first = || table(1, 850.0, &COLUMNS, &[&["Name", "Sum"], &["a", "1"]], true);
    let next = |xs: &[f32], y: f32| table(1, y, xs, &[&["b", "2"], &["c", "3"]], false);
    let other_heading = table(1, 60.0, &COLUMNS, &[&["Place", "Sum"], &["b", "2"]], true);
    let text = |y: f32| block(BlockKind::Paragraph, "Text.", 9.0, y);

    assert_eq!(repeated(vec![first()], vec![other_heading]), None);
    assert_eq!(repeated(vec![first()], vec![next(&[100.0, 420.0], 60.0)]), None, "columns elsewhere");
    assert_eq!(repeated(vec![first()], vec![next(&[100.0, 300.0, 400.0][..2], 500.0)]), None, "further down");
    assert_eq!(repeated(vec![first()], vec![text(40.0), next(&COLUMNS, 80.0)]), None, "text between");
    assert_eq!(repeated(vec![first(), text(920.0)], vec![next(&COLUMNS, 60.0)]), None, "text below");
    let named = block(BlockKind::Caption, "Table 4: Others", 9.0, 40.0);
    assert_eq!(repeated(vec![first()], vec![named, next(&COLUMNS, 60.0)]), None);
}

#[test]
fn a_hebrew_paragraph_whose_last_line_is_full_goes_on_on_the_next_page() {
    let paragraph = |last: (f32, f32)| {
        let line = |(at, (x0, x1)): (usize, (f32, f32))| {
            let rect = Rect::new(x0, 300.0 + 25.0 * at as f32, x1, 320.0 + 25.0 * at as f32);
            Line { text: "הנהר היה גבוה".into(), rect, ..Line::default() }
        };
        let lines: Vec<Line> = [(100.0, 500.0), last].into_iter().enumerate().map(line).collect();
        Block { id: 1, lines, ..Block::new(BlockKind::Paragraph, Rect::new(100.0, 300.0, 500.0, 345.0)) }
    };
    let goes_on = |last| {
        let pages = applied(&[page(1, vec![paragraph(last)]), page(2, vec![paragraph((200.0, 500.0))])]);
        pages[1].blocks[0].continues.is_some()
    };

    assert!(goes_on((100.0, 500.0)) && goes_on((105.0, 500.0)));
    assert!(!goes_on((300.0, 500.0)), "it stops in the middle");
}
