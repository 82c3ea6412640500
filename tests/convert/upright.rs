//! Scans that lie askew, have dark borders, are faint, or show two pages at once.

use std::fs;

use anyhow::{Context, ensure};
use quire_tests::{pdf, quire::Room, sample};
use serde_json::Value;

/// Degrees of clockwise lean.
const LEANS: [f64; 8] = [0.0, -5.0, -2.4, -0.7, 0.3, 1.0, 3.3, 5.0];

/// Degrees by which a skew may be missed.
const SKEW_TOLERANCE: f64 = 0.1;

fn records(room: &Room, path: &str) -> anyhow::Result<Vec<Value>> {
    let document: Value = serde_json::from_str(&room.read(path)?)?;
    Ok(document["pages"].as_array().context("pages")?.clone())
}

#[test]
fn a_leaning_page_is_measured_made_level_and_reads_like_a_level_one() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.write("a.pdf", pdf::leaning_pages(&LEANS))?;

    let ran = room.convert(&["a.pdf"], &["--mode", "force"])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let pages = records(&room, "out/a.json")?;
    for (page, lean) in pages.iter().zip(LEANS) {
        let skew = page["skew"].as_f64().unwrap_or_default();
        assert!((skew - lean).abs() <= SKEW_TOLERANCE, "{lean}: {skew}");
        assert_alike(&paragraphs(page), &paragraphs(&pages[0]))?;
    }
    Ok(())
}

/// Characters in a thousand that may be read otherwise where pixels lie otherwise.
const MISREAD: usize = 4;

/// The same blocks in the same order, but for a few characters.
fn assert_alike(blocks: &[String], expected: &[String]) -> anyhow::Result<()> {
    ensure!(blocks.len() == expected.len(), "{blocks:#?} are not the blocks of {expected:#?}");
    let edits: usize = blocks.iter().zip(expected).map(|(block, expected)| edits(block, expected)).sum();
    let characters: usize = expected.iter().map(|block| block.chars().count()).sum();
    ensure!(edits * 1000 <= MISREAD * characters, "{edits} edits from {expected:#?} to {blocks:#?}");
    Ok(())
}

/// Characters to insert, delete or replace (Levenshtein).
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut costs: Vec<usize> = (0..=to.len()).collect();
    for (row, from) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut costs[0], row + 1);
        for (column, to) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = costs[column + 1];
            costs[column + 1] = replaced.min(diagonal + 1).min(costs[column] + 1);
        }
    }
    costs[to.len()]
}

/// The texts of the blocks of a page.
fn paragraphs(page: &Value) -> Vec<String> {
    let blocks = page["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let line = |line: &Value| line["text"].as_str().unwrap_or_default().to_owned();
    let lines = |block: &Value| {
        block["lines"].as_array().into_iter().flatten().map(line).collect::<Vec<_>>().join(" ")
    };
    blocks.iter().map(lines).collect()
}

/// Width and height of the scanned sample in points.
const LETTER: (u32, u32) = (612, 792);

fn scan() -> anyhow::Result<pdf::Scan> {
    pdf::Scan::of_sample(&fs::read(sample("jbig2-linn.pdf"))?).context("the scan in the sample")
}

#[test]
fn a_scan_with_a_dark_border_reads_like_one_without() -> anyhow::Result<()> {
    let room = Room::new()?;
    let place = "q 612 0 0 792 44 30 cm /Im1 Do Q";
    let contents = [
        place.to_owned(),
        format!("0.1 g 0 0 700 860 re f {place}"),
        format!("0.1 g 0 0 40 860 re f {place}"),
    ];
    room.write("a.pdf", pdf::pages(contents.into_iter(), (700, 860), Some(&scan()?)))?;

    let ran = room.convert(&["a.pdf"], &[])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let pages = records(&room, "out/a.json")?;
    assert!(pages[0].get("flags").is_none(), "{}", pages[0]["flags"]);
    for bordered in &pages[1..] {
        assert_eq!(bordered["flags"], serde_json::json!(["border_removed"]));
        assert_alike(&paragraphs(bordered), &paragraphs(&pages[0]))?;
    }
    Ok(())
}

#[test]
fn an_empty_sheet_with_a_dark_border_is_blank() -> anyhow::Result<()> {
    let room = Room::new()?;
    let content = "0.93 g 0 0 595 842 re f 0.05 g 0 0 595 30 re f 560 0 35 842 re f".to_owned();
    room.write("a.pdf", pdf::pages([content].into_iter(), pdf::A4, None))?;

    let ran = room.convert(&["a.pdf"], &[])?;

    assert_eq!((ran.code, ran.pages("blank")?), (Some(0), 1), "{}", ran.stderr);
    Ok(())
}

#[test]
fn a_faint_page_reads_like_a_black_one() -> anyhow::Result<()> {
    let room = Room::new()?;
    let page = |paper: f32, ink: f32| format!("{paper} g 0 0 595 842 re f {ink} g {}", pdf::paragraphs());
    room.write("a.pdf", pdf::pages([page(1.0, 0.0), page(0.9, 0.78)].into_iter(), pdf::A4, None))?;

    let ran = room.convert(&["a.pdf"], &["--mode", "force"])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let pages = records(&room, "out/a.json")?;
    assert!(pages[0].get("flags").is_none(), "{}", pages[0]["flags"]);
    assert_eq!(pages[1]["flags"], serde_json::json!(["contrast_stretched"]));
    assert_alike(&paragraphs(&pages[1]), &paragraphs(&pages[0]))
}

/// An open book: the scan on the left, drawn text on the right, the shadow of the fold between them.
fn spread() -> String {
    format!(
        "q 612 0 0 792 0 0 cm /Im1 Do Q 0.2 g 609 0 6 792 re f 0 g q 1 0 0 1 612 -40 cm {} Q",
        pdf::paragraphs()
    )
}

#[test]
fn a_spread_is_read_as_its_two_pages_when_asked() -> anyhow::Result<()> {
    let room = Room::new()?;
    let (scan, book) = (scan()?, (2 * LETTER.0, LETTER.1));
    let halves =
        ["q 612 0 0 792 0 0 cm /Im1 Do Q".to_owned(), format!("q 1 0 0 1 0 -40 cm {} Q", pdf::paragraphs())];
    room.write("book.pdf", pdf::pages([spread()].into_iter(), book, Some(&scan)))?;
    room.write("pages.pdf", pdf::pages(halves.into_iter(), LETTER, Some(&scan)))?;

    let ran = room.convert(&["book.pdf", "pages.pdf"], &["--mode", "force", "--split-spreads"])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let (spread, pages) = (records(&room, "out/book.json")?, records(&room, "out/pages.json")?);
    assert_eq!(spread[0]["flags"], serde_json::json!(["spread_split"]));
    assert!(pages.iter().all(|page| page.get("flags").is_none()), "a page was split");
    let one_by_one: Vec<String> = pages.iter().flat_map(paragraphs).collect();
    assert_alike(&paragraphs(&spread[0]), &one_by_one)?;
    let ids = spread[0]["blocks"].as_array().context("blocks")?.iter().map(|block| block["id"].as_u64());
    assert!(ids.eq((1..=one_by_one.len() as u64).map(Some)), "blocks are numbered through");
    let last = spread[0]["blocks"].as_array().context("blocks")?.last().context("a block")?;
    assert!(last["box"][0].as_f64() > Some(1700.0), "{}", last["box"]);
    Ok(())
}

#[test]
fn a_spread_with_a_text_layer_is_split_too_and_only_when_asked() -> anyhow::Result<()> {
    let page = pdf::paragraphs();
    let book = format!("{page} q 1 0 0 1 595 0 cm {page} Q");
    let bytes = pdf::pages([book].into_iter(), (2 * pdf::A4.0, pdf::A4.1), None);
    let flags = |more: &[&str]| -> anyhow::Result<Value> {
        let room = Room::new()?;
        room.write("a.pdf", &bytes)?;
        room.convert(&["a.pdf"], more)?;
        Ok(records(&room, "out/a.json")?[0]["flags"].clone())
    };

    assert_eq!(flags(&["--split-spreads"])?, serde_json::json!(["spread_split"]));
    assert_eq!(flags(&[])?, Value::Null);
    Ok(())
}
