//! A legal paper: every line has its number in the margin.

use quire_tests::{pdf, quire::Room};

#[test]
fn numbers_of_lines_stay_out_of_the_text_and_in_the_record() -> anyhow::Result<()> {
    const LINES: [&str; 8] = [
        "The river was high that spring and the ferry did not run for many weeks, so that",
        "nobody had crossed before the first of May, although some had tried to do it by",
        "night, and two boats were lost. The owners of both were never found, and what",
        "the court has heard of them since then is told here only as far as it bears on the",
        "case before it. Every station wrote down how high the water stood, and on which",
        "days the ferry ran; what could not be read is left out. Later in the year the water",
        "fell, and the stations were closed one after the other, the last of them at the end",
        "of October, when its keeper was sent home.",
    ];
    let row = |(at, line): (usize, &&str)| {
        let y = 700 - 20 * at;
        format!("BT /F1 12 Tf 60 {y} Td ({}) Tj ET BT /F1 12 Tf 90 {y} Td ({line}) Tj ET\n", at + 1)
    };
    let page: String = LINES.iter().enumerate().map(row).collect();
    let room = Room::new()?;
    room.write("a.pdf", pdf::pages([page].into_iter(), pdf::A4, None))?;

    let ran = room.convert(&["a.pdf"], &[])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(room.read("out/a.md")?.trim(), LINES.join(" "));
    assert!(room.read("out/a.txt")?.ends_with("\n1\n2\n3\n4\n5\n6\n7\n8\n"));
    let record = room.read("out/a.json")?;
    assert!(record.contains("\"line_numbers\""), "{record}");
    Ok(())
}
