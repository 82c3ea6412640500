//! Promises of the Markdown.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use quire_proto::{
    DocumentId, PageNumber, Rect,
    record::{
        Cell, Continued, FailureClass, Figure, Line, ListItem, Mark, ModeReason, PageFailure, PageMode,
        Table, Word,
    },
};

use super::*;

fn line(text: &str, x0: f32, y0: f32, x1: f32) -> Line {
    let words = text
        .split_whitespace()
        .map(|word| Word {
            text: word.into(),
            rect: Rect::new(x0, y0, x0 + 10.0 * word.len() as f32, y0 + 20.0),
            ..Word::default()
        })
        .collect();
    Line { text: text.into(), rect: Rect::new(x0, y0, x1, y0 + 20.0), words, ..Line::default() }
}

/// A block of full lines.
fn block(kind: BlockKind, lines: &[&str]) -> Block {
    let lines: Vec<Line> =
        (0..).zip(lines).map(|(at, text)| line(text, 100.0, 100.0 + 25.0 * at as f32, 900.0)).collect();
    let rect = Rect::around(lines.iter().map(|line| &line.rect)).unwrap_or_default();
    Block { id: 1, lines, level: (kind == BlockKind::Heading).then_some(1), ..Block::new(kind, rect) }
}

fn item(marker: &str, depth: u8, text: &str) -> Block {
    let ordered = marker.ends_with(['.', ')']);
    let list = Some(ListItem { marker: marker.into(), ordered, depth });
    Block { list, ..block(BlockKind::ListItem, &[&format!("{marker} {text}")]) }
}

fn page(number: u32, blocks: Vec<Block>) -> PageRecord {
    PageRecord {
        mode: PageMode::Text,
        mode_reason: ModeReason::CleanTextLayer,
        blocks,
        ..PageRecord::empty(DocumentId::of(b"test"), PageNumber::new(number).unwrap(), PageStatus::Done)
    }
}

fn markdown(pages: &[PageRecord]) -> String {
    let mut writer =
        MarkdownWriter::new(Vec::new(), MarkdownOptions { assets: "a b.assets".into(), page_breaks: false });
    pages.iter().for_each(|page| writer.page(page).unwrap());
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

#[test]
fn a_document_reads_as_one_would_type_it() {
    let blocks = vec![
        block(BlockKind::PageHeader, &["Running header"]),
        block(BlockKind::Heading, &["A Title", "on two lines"]),
        block(BlockKind::Paragraph, &["This is an exam-", "ple of a paragraph."]),
        item("•", 0, "First item"),
        item("–", 1, "Nested item"),
        item("•", 0, "Second item"),
        item("1.", 0, "Counted item"),
        block(BlockKind::PageNumber, &["7"]),
    ];

    let text = markdown(&[page(1, blocks)]);

    assert_eq!(
        text,
        "# A Title on two lines\n\nThis is an example of a paragraph.\n\n- First item\n  - Nested item\n- Second item\n1. Counted item\n"
    );
}

/// That a block goes on with block `block` of `page`.
fn continues(page: u32, block: u32, repeated_rows: u32) -> Option<Continued> {
    Some(Continued { page: PageNumber::new(page).unwrap(), block, repeated_rows })
}

#[test]
fn a_hyphen_stays_where_the_document_writes_the_word_with_one() {
    let first = page(1, vec![block(BlockKind::Paragraph, &["A well-known fact about multiuser systems."])]);
    let second = block(BlockKind::Paragraph, &["It is well-", "known that multi-", "user systems are old."]);

    let text = markdown(&[first, page(2, vec![second])]);

    assert!(text.ends_with("\n\nIt is well-known that multiuser systems are old.\n"), "{text}");
}

#[test]
fn a_hyphen_goes_by_the_language_of_its_block_or_page() {
    let lines = ["Das hat Vor-", "und Nachteile bei selbst=", "verschuldeter Unmündigkeit."];
    let german =
        PageRecord { language: Some("de".into()), ..page(1, vec![block(BlockKind::Paragraph, &lines)]) };
    let mut english = german.clone();
    english.blocks[0].language = Some("en".into());

    assert_eq!(markdown(&[german]), "Das hat Vor- und Nachteile bei selbstverschuldeter Unmündigkeit.\n");
    assert!(markdown(&[english]).contains("Vorund Nachteile bei selbst= verschuldeter"));
}

#[test]
fn a_paragraph_goes_on_over_a_page_and_a_figure() {
    let figure = Block {
        figure: Some(Figure { asset: Some("p1-1.png".into()) }),
        id: 9,
        ..block(BlockKind::Figure, &["text in the figure"])
    };
    let caption = Block { caption_of: Some(9), ..block(BlockKind::Caption, &["Figure 1: Trees"]) };
    let first = page(1, vec![block(BlockKind::Paragraph, &["It begins here and"]), figure, caption]);
    let rest = Block { continues: continues(1, 1, 0), ..block(BlockKind::Paragraph, &["ends there."]) };
    let second = page(2, vec![block(BlockKind::PageHeader, &["x"]), rest]);

    let text = markdown(&[first, second]);

    assert_eq!(
        text,
        "It begins here and ends there.\n\n![Figure 1: Trees](a%20b.assets/p1-1.png)\n\nFigure 1: Trees\n"
    );
}

#[test]
fn a_word_broken_at_the_end_of_a_page_is_whole_again() {
    let rest = Block { continues: continues(1, 1, 0), ..block(BlockKind::Paragraph, &["ing on."]) };

    let text =
        markdown(&[page(1, vec![block(BlockKind::Paragraph, &["It is go-"])]), page(2, vec![rest.clone()])]);

    assert_eq!(text, "It is going on.\n");
    assert_eq!(markdown(&[page(2, vec![rest])]), "ing on.\n", "a page alone");
}

#[test]
fn a_box_within_a_paragraph_stands_after_it() {
    let rest =
        Block { id: 3, continues: continues(1, 1, 0), ..block(BlockKind::Paragraph, &["ends there."]) };
    let boxed = Block { id: 2, ..block(BlockKind::Paragraph, &["In a box"]) };

    let text = markdown(&[page(1, vec![block(BlockKind::Paragraph, &["It begins"]), boxed, rest])]);

    assert_eq!(text, "It begins ends there.\n\nIn a box\n");
}

#[test]
fn a_formula_that_was_read_is_latex_and_ends_with_its_dollars() {
    let formula = |latex: &str| {
        let figure = Some(Figure { asset: Some("p1-1.png".into()) });
        let block = block(BlockKind::Formula, &["E = mc2"]);
        Block { figure, latex: Some(latex.into()), ..block }
    };

    let text = markdown(&[page(1, vec![formula("E = mc^{2}"), formula("a $$ b\n\n# c")])]);

    assert_eq!(text, "$$\nE = mc^{2}\n$$\n\n$$\na  b  # c\n$$\n");
}

#[test]
fn a_stamp_says_what_it_is_and_what_it_reads() {
    let stamp = Block {
        figure: Some(Figure { asset: Some("p1-1.png".into()) }),
        mark: Some(Mark::Stamp),
        ..block(BlockKind::Figure, &["RECEIVED"])
    };

    let text = markdown(&[page(1, vec![stamp])]);

    assert_eq!(text, "![stamp: RECEIVED](a%20b.assets/p1-1.png)\n");
}

#[test]
fn lines_that_end_early_on_purpose_stay_lines() {
    let mut address = block(
        BlockKind::Paragraph,
        &["Linn Electronics, Inc.", "18720 Oxnard Street", "Tarzana, California, United States"],
    );
    address.lines[0].rect.x1 = 320.0;
    address.lines[1].rect.x1 = 290.0;

    let text = markdown(&[page(1, vec![address])]);

    assert_eq!(text, "Linn Electronics, Inc.\\\n18720 Oxnard Street\\\nTarzana, California, United States\n");
}

fn cell(row: u32, column: u32, column_span: u32, text: &str) -> Cell {
    Cell { row, column, row_span: 1, column_span, lines: vec![line(text, 0.0, 0.0, 10.0)], ..Cell::default() }
}

#[test]
fn plain_tables_are_pipes_and_spans_are_html() {
    let plain = Table {
        rows: 2,
        columns: 2,
        header_rows: 1,
        cells: vec![cell(0, 0, 1, "a|b"), cell(0, 1, 1, "c"), cell(1, 0, 1, "1"), cell(1, 1, 1, "<2>")],
    };
    let spanning = Table { rows: 1, columns: 2, header_rows: 0, cells: vec![cell(0, 0, 2, "wide & <wide>")] };

    let rendered = |table: Table| markdown(&[page(1, vec![table_block(1, table)])]);

    assert_eq!(rendered(plain), "| a\\|b | c |\n| --- | --- |\n| 1 | <2> |\n");
    assert_eq!(
        rendered(spanning),
        "<table>\n<tr><td colspan=\"2\">wide &amp; &lt;wide&gt;</td></tr>\n</table>\n"
    );
}

fn table_block(id: u32, table: Table) -> Block {
    Block { id, table: Some(table), ..block(BlockKind::Table, &[]) }
}

/// A table with a heading over one row of `values`, the first cell over `span` columns.
fn headed(values: [&str; 2], span: u32) -> Table {
    let second = (span == 1).then(|| cell(1, 1, 1, values[1]));
    let cells = [cell(0, 0, 1, "Name"), cell(0, 1, 1, "Sum"), cell(1, 0, span, values[0])];
    Table { rows: 2, columns: 2, header_rows: 1, cells: cells.into_iter().chain(second).collect() }
}

#[test]
fn a_table_goes_on_over_pages_without_its_heading() {
    let note = Block { id: 2, ..block(BlockKind::Footnote, &["* A note."]) };
    let rest = Block { continues: continues(1, 1, 1), ..table_block(1, headed(["b", "2"], 1)) };
    let third = Block { continues: continues(2, 1, 0), ..table_block(1, headed(["c", "3"], 1)) };
    let pages = [
        page(1, vec![table_block(1, headed(["a", "1"], 1)), note]),
        page(2, vec![rest]),
        page(3, vec![third, block(BlockKind::Paragraph, &["After it."])]),
    ];

    let text = markdown(&pages);

    assert_eq!(
        text,
        "| Name | Sum |\n| --- | --- |\n| a | 1 |\n| b | 2 |\n| Name | Sum |\n| c | 3 |\n\n\\* A note.\n\nAfter it.\n"
    );
}

#[test]
fn a_table_in_html_that_goes_on_ends_once() {
    let rest = Block { continues: continues(1, 1, 1), ..table_block(1, headed(["b", "2"], 1)) };
    let first = table_block(1, headed(["all", ""], 2));

    let text = markdown(&[page(1, vec![first.clone()]), page(2, vec![rest.clone()])]);

    let rows = "<tr><th>Name</th><th>Sum</th></tr>\n<tr><td colspan=\"2\">all</td></tr>\n<tr><td>b</td><td>2</td></tr>";
    assert_eq!(text, format!("<table>\n{rows}\n</table>\n"));

    let open = block(BlockKind::Paragraph, &["A sentence that"]);
    let end = Block { id: 2, continues: continues(1, 7, 0), ..block(BlockKind::Paragraph, &["goes on."]) };
    let text = markdown(&[page(1, vec![Block { id: 7, ..open }, first]), page(2, vec![rest, end])]);

    assert_eq!(text, format!("A sentence that goes on.\n\n<table>\n{rows}\n</table>\n"));
}

#[test]
fn a_failed_page_says_so() {
    let mut failed = page(7, vec![]);
    failed.status = PageStatus::Failed;
    failed.failure = Some(PageFailure {
        class: FailureClass::RenderTimeout,
        message: "no answer after 30 s".into(),
        attempts: 2,
        milliseconds: 60_000,
    });

    let text = markdown(&[failed]);

    assert_eq!(text, "> [page 7 could not be read: render timeout, no answer after 30 s]\n");
}

/// A paragraph that refers to note `note` with its third word, and the note.
fn noted(note: u32, mark: &str) -> Vec<Block> {
    let mut paragraph = block(BlockKind::Paragraph, &["Some text"]);
    let line = &mut paragraph.lines[0];
    line.text = format!("Some text{mark}, on.");
    let word = |text: &str| Word { text: text.into(), ..Word::default() };
    line.words = ["Some", "text", mark, ",", "on."].map(word).to_vec();
    line.words[2].raised = true;
    line.words[2].note = Some(note);
    let printed = format!("{mark} A *note*.");
    let footnote = Block { id: note, note: Some(mark.into()), ..block(BlockKind::Footnote, &[&printed]) };
    vec![paragraph, footnote]
}

#[test]
fn footnotes_are_linked_and_labels_do_not_come_twice() {
    let text = markdown(&[
        page(1, noted(2, "1")),
        page(2, noted(2, "1")),
        page(3, noted(2, "*")),
        page(4, noted(2, "²")),
    ]);

    let labels = ["1", "2-2", "3-2", "2"];
    let expected = labels.map(|label| format!("Some text[^{label}], on.\n\n[^{label}]: A \\*note\\*.\n"));
    assert_eq!(text, expected.join("\n"));
    let events: Vec<Event<'_>> = Parser::new_ext(&text, Options::ENABLE_FOOTNOTES).collect();
    let count = |test: fn(&Event<'_>) -> bool| events.iter().filter(|event| test(event)).count();
    assert_eq!(count(|event| matches!(event, Event::FootnoteReference(_))), 4);
    assert_eq!(count(|event| matches!(event, Event::Start(Tag::FootnoteDefinition(_)))), 4);
}

#[test]
fn a_note_that_nothing_refers_to_is_printed() {
    let alone = Block { note: Some("1".into()), ..block(BlockKind::Footnote, &["1 Alone."]) };

    assert_eq!(markdown(&[page(1, vec![alone])]), "1 Alone.\n");
}

#[test]
fn a_quote_is_marked_on_every_line() {
    let quote = |id, lines: &[&str]| Block { id, ..block(BlockKind::Quote, lines) };
    let mut broken = quote(1, &["A quotation with a line", "that ends early,", "and one more."]);
    broken.lines[1].rect.x1 = 300.0;
    let blocks = vec![broken, quote(2, &["# Another."]), block(BlockKind::Paragraph, &["Text."])];

    let text = markdown(&[page(1, blocks)]);

    assert_eq!(
        text,
        "> A quotation with a line that ends early,\\\n> and one more.\n>\n> \\# Another.\n\nText.\n"
    );
}

#[test]
fn code_keeps_its_lines_and_indents() {
    let mut code = block(BlockKind::Code, &["fn main() {", "go();", "```"]);
    for (line, (x0, x1)) in code.lines.iter_mut().zip([(100.0, 210.0), (140.0, 190.0), (100.0, 130.0)]) {
        line.rect = Rect { x0, x1, ..line.rect };
    }

    let text = markdown(&[page(1, vec![code])]);

    assert_eq!(text, "````\nfn main() {\n    go();\n```\n````\n");
}

/// The text that a reader of the rendered Markdown sees; `None` when there is anything but one paragraph.
fn read_back(markdown: &str) -> Option<String> {
    let mut text = String::new();
    for event in Parser::new_ext(
        markdown,
        Options::all()
            - Options::ENABLE_SMART_PUNCTUATION
            - Options::ENABLE_MATH
            - Options::ENABLE_SUPERSCRIPT
            - Options::ENABLE_SUBSCRIPT
            - Options::ENABLE_DEFINITION_LIST
            - Options::ENABLE_WIKILINKS
            - Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
            - Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
            - Options::ENABLE_HEADING_ATTRIBUTES,
    ) {
        match event {
            Event::Text(part) => text.push_str(&part),
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
            _ => return None,
        }
    }
    Some(text)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_survives_markdown(words in prop::collection::vec("[ab1#*_`<>&;|\\\\\\[\\]()!+=~.:^/-]{1,5}", 1..8)) {
        let printed = words.join(" ");

        let text = markdown(&[page(1, vec![block(BlockKind::Paragraph, &[&printed])])]);

        prop_assert_eq!(read_back(&text), Some(printed), "{}", text);
    }
}
