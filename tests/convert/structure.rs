//! What goes on over pages, what refers to something, and what lines are drawn around.

use quire_tests::{pdf, quire::Room};

#[test]
fn tables_and_paragraphs_go_on_over_pages_and_notes_are_linked() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.write("a.pdf", pdf::pages([first_page(), second_page(), third_page()].into_iter(), pdf::A4, None))?;

    let ran = room.convert(&["a.pdf"], &[])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let markdown = room.read("out/a.md")?;
    for expected in [
        "two boats were lost. [^1] The table says where.",
        "| Upper 7 | 317 | 7 May |\n| Lower 1 | 211 | 1 June |",
        "\n\n[^1]: The owners of both were never found.\n",
        "for the many observations that he had made",
    ] {
        assert!(markdown.contains(expected), "{expected:?} is not in\n{markdown}");
    }
    assert_eq!(markdown.matches("Station").count(), 1, "{markdown}");
    let text = room.read("out/a.txt")?;
    assert_eq!((text.matches('\u{c}').count(), text.matches("Station").count()), (2, 2), "as printed");
    Ok(())
}

/// Only the drawn lines say which lines of text are one cell, and the scan leans.
#[test]
fn the_cells_of_a_scanned_table_are_those_that_are_drawn() -> anyhow::Result<()> {
    let room = Room::new()?;
    let tilted = format!("0.9998 0.0209 -0.0209 0.9998 5 -4 cm {}", wrapped_table());
    room.write("a.pdf", pdf::pages([wrapped_table(), tilted].into_iter(), pdf::A4, None))?;

    let ran = room.convert(&["a.pdf"], &["--mode", "force"])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let markdown = room.read("out/a.md")?;
    let table = "| Reclassification by category | Number of companies that did | Pct of all that were analysed |\n\
                 | --- | --- | --- |\n\
                 | Companies that did it in spring | 27 | 16% |\n\
                 | Companies that did not | 33 | 20% |\n";
    assert_eq!(markdown.matches(table).count(), 2, "{markdown}");
    Ok(())
}

/// Three rows and columns whose cells have one to three lines, justified, with no more paper between rows than between lines.
fn wrapped_table() -> String {
    let line = |x: u32, y: u32, words: &str| -> String {
        let words: Vec<&str> = words.split(' ').collect();
        let step = 80 / (words.len() as u32 - 1).max(1);
        (0..).zip(words).map(|(at, word)| text(x + at * step, y, word, 11)).collect()
    };
    let cell = |x: u32, y: u32, lines: &[&str]| -> String {
        (0..).zip(lines).map(|(at, words)| line(x + 5, y - 15 * (at + 1), words)).collect()
    };
    let rows = [
        (
            700,
            [
                &["Reclassification", "by category"][..],
                &["Number of", "companies", "that did"],
                &["Pct of all", "that were", "analysed"],
            ],
        ),
        (652, [&["Companies", "that did it", "in spring"][..], &["27"], &["16%"]]),
        (604, [&["Companies", "that did not"][..], &["33"], &["20%"]]),
    ];
    let columns = [72, 212, 352];
    let cells =
        rows.iter().flat_map(|(y, row)| columns.iter().zip(row).map(|(x, words)| cell(*x, *y, words)));
    let across = [700, 652, 604, 571].map(|y| format!("72 {y} m 492 {y} l S\n"));
    let down = [72, 212, 352, 492].map(|x| format!("{x} 700 m {x} 571 l S\n"));
    cells.chain(across).chain(down).collect()
}

fn text(x: u32, y: u32, text: &str, size: u32) -> String {
    format!("BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n")
}

fn lines(top: u32, lines: &[&str]) -> String {
    (0..).zip(lines).map(|(at, line)| text(72, top - 16 * at, line, 12)).collect()
}

/// A ruled table of three columns from height `top` down; days are those of `month`.
fn table(top: u32, place: &str, rows: u32, water: u32, month: &str) -> String {
    let columns = [72, 212, 352];
    let row = |at: u32| match at {
        0 => ["Station".to_owned(), "Water".to_owned(), "Ferry".to_owned()],
        at => [format!("{place} {at}"), (water + at).to_string(), format!("{at} {month}")],
    };
    let cells = |at: u32| -> String {
        let y = top - 20 * at - 14;
        columns.iter().zip(row(at)).map(|(x, cell)| text(x + 6, y, &cell, 12)).collect()
    };
    let bottom = top - 20 * (rows + 1);
    let across = (0..=rows + 1).map(|at| format!("72 {0} m 492 {0} l S\n", top - 20 * at));
    let down = columns.into_iter().chain([492]).map(|x| format!("{x} {top} m {x} {bottom} l S\n"));
    (0..=rows).map(cells).chain(across).chain(down).collect()
}

fn first_page() -> String {
    [
        lines(
            720,
            &[
                "The river was high that spring and the ferry did not run for many weeks.",
                "Nobody had crossed before the first of May, although some had tried to do it",
                "by night, and two boats were lost.",
            ],
        ),
        text(262, 693, "1", 7),
        text(268, 688, "The table says where.", 12),
        lines(
            640,
            &[
                "Every station wrote down how high the water stood, and on which days the",
                "ferry ran. What could not be read is left out here.",
            ],
        ),
        table(300, "Upper", 7, 310, "May"),
        "72 100 m 200 100 l S\n".to_owned(),
        text(72, 88, "1", 6),
        text(78, 84, "The owners of both were never found.", 9),
    ]
    .concat()
}

fn second_page() -> String {
    let paragraph = lines(
        640,
        &[
            "Later in the year the water fell, and the stations were closed one after the",
            "other. The last of them kept its books until the end of October, and its keeper",
            "was sent home with a letter in which the company thanked him for the many obser-",
        ],
    );
    table(770, "Lower", 3, 210, "June") + &paragraph
}

fn third_page() -> String {
    lines(
        770,
        &[
            "vations that he had made, and for the care that he had taken of the boats that",
            "nobody else would have kept so well.",
        ],
    )
}
