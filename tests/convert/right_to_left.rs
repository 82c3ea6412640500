//! A Hebrew page: columns and the columns of tables from right to left, words and numbers as they are read.

use anyhow::Context;
use quire_tests::{pdf, quire::Room};

#[test]
fn a_hebrew_page_is_read_from_right_to_left() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.write("a.pdf", pdf::pages([page()].into_iter(), pdf::A4, None))?;

    let ran = room.convert(&["a.pdf"], &[])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let markdown = room.read("out/a.md")?;
    let first = markdown.find("הנהר היה גבוה").context("the right column")?;
    let second = markdown.find("ואיש לא חצה").context("the left column")?;
    assert!(first < second, "{markdown}");
    assert!(markdown.contains("ב-12 של Acme Ltd 317 איש (מתוך 1,250)."), "{markdown}");
    assert!(markdown.contains("| תחנה | מים | יום |\n"), "{markdown}");
    assert!(markdown.contains("| עליונה | 317 | ראשון |\n"), "{markdown}");
    let record: serde_json::Value = serde_json::from_str(&room.read("out/a.json")?)?;
    let lefts: Vec<f64> = (record["pages"][0]["blocks"].as_array().context("blocks")?.iter())
        .filter(|block| block["kind"] == "paragraph")
        .filter_map(|block| block["box"][0].as_f64())
        .collect();
    assert!(lefts.len() >= 2 && lefts[0] > lefts[1], "{lefts:?}");
    Ok(())
}

/// `text` as it is drawn from left to right, ending at `right`, in characters of six points.
fn text(right: f32, y: u32, logical: &str) -> String {
    let visual = visual(logical);
    let codes: String = visual.iter().map(|char| format!("{:04X}", u32::from(*char))).collect();
    format!("BT /F2 12 Tf {} {y} Td <{codes}> Tj ET\n", right - 6.0 * visual.len() as f32)
}

/// What a program that sets Hebrew draws: all from right to left but for numbers and Latin words.
fn visual(logical: &str) -> Vec<char> {
    let mut chars: Vec<char> = logical.chars().rev().collect();
    let runs_right = |c: &char| c.is_ascii_alphanumeric();
    let mut from = 0;
    while from < chars.len() {
        let run = chars[from..].iter().take_while(|c| runs_right(c) || **c == ',').count();
        let run = if chars[from..from + run].iter().any(runs_right) { run } else { 0 };
        chars[from..from + run].reverse();
        from += run.max(1);
    }
    let brackets = |c: char| match c {
        '(' => ')',
        ')' => '(',
        other => other,
    };
    // Latin words and the number behind them keep their order.
    let drawn: String = chars.into_iter().map(brackets).collect();
    drawn.replace("317 Ltd Acme", "Acme Ltd 317").chars().collect()
}

fn page() -> String {
    const RIGHT: [&str; 9] = [
        "הנהר היה גבוה באותו אביב והמעבורת",
        "לא פעלה במשך שבועות רבים והשומר",
        "ב-12 של Acme Ltd 317 איש (מתוך 1,250).",
        "כל תחנה רשמה כמה גבוהים היו המים",
        "ובאילו ימים פעלה המעבורת הקטנה של",
        "העיירה שעל הגדה השנייה של הנהר",
        "שבה גרו אז רק מעט אנשים ובהם גם",
        "השומר הזקן ובנו הצעיר שעזר לו",
        "לקשור את הסירות בכל ערב אל הגדה",
    ];
    const LEFT: [&str; 9] = [
        "ואיש לא חצה אותו לפני הראשון במאי",
        "אף שאחדים ניסו לעשות זאת בלילה",
        "ושתי סירות אבדו בזרם החזק של הנהר",
        "מאוחר יותר ירדו המים והתחנות נסגרו",
        "בזו אחר זו והאחרונה שבהן ניהלה את",
        "ספריה עד סוף אוקטובר ואחר כך נשלח",
        "השומר לביתו עם מכתב תודה מן החברה",
        "על התצפיות הרבות שרשם בכל השנים",
        "שבהן ישב לבדו בתחנה שעל הנהר הזה",
    ];
    const TABLE: [[&str; 3]; 4] = [
        ["תחנה", "מים", "יום"],
        ["עליונה", "317", "ראשון"],
        ["תחתונה", "211", "שני"],
        ["ישנה", "98", "שלישי"],
    ];
    let column = |right: f32, lines: &[&str]| -> String {
        (0..).zip(lines).map(|(at, line)| text(right, 720 - 16 * at, line)).collect()
    };
    let rights = [520.0, 400.0, 280.0];
    let row = |(at, cells): (u32, &[&str; 3])| -> String {
        rights.iter().zip(cells).map(|(right, cell)| text(*right, 400 - 20 * at, cell)).collect()
    };
    let across: String = (0..=4).map(|at| format!("160 {0} m 530 {0} l S\n", 414 - 20 * at)).collect();
    let down: String = [160, 290, 410, 530].map(|x| format!("{x} 414 m {x} 334 l S\n")).concat();
    let table: String = (0..).zip(&TABLE).map(row).collect();
    column(530.0, &RIGHT) + &column(280.0, &LEFT) + &table + &across + &down
}
