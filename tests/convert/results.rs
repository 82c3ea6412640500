//! Good documents.

use std::fs;

use anyhow::Context;
use quire_tests::{pdf, quire::Room, sample};

#[test]
fn samples_become_text() -> anyhow::Result<()> {
    let room = Room::new()?;
    for name in
        ["sample.pdf", "twocol-lorem.pdf", "table-us-003.pdf", "image-phototest.tif", "empty-page.pdf"]
    {
        room.copy(&sample(name), &format!("in/{name}"))?;
    }

    let ran = room.convert(&["in"], &[])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!((ran.pages("done")?, ran.pages("blank")?), (6, 1));
    assert!(room.read("out/image-phototest.txt")?.contains("This is a lot of 12 point text"));
    assert!(
        room.read("out/sample.md")?.lines().any(|line| line.starts_with("# ")),
        "{}",
        room.read("out/sample.md")?
    );
    assert!(room.read("out/table-us-003.md")?.contains("| --- |"), "{}", room.read("out/table-us-003.md")?);
    assert_eq!(room.read("out/empty-page.txt")?, "");
    let records: serde_json::Value = serde_json::from_str(&room.read("out/twocol-lorem.json")?)?;
    assert_eq!(records["pages"].as_array().context("pages")?.len(), 3);
    Ok(())
}

#[test]
fn a_tree_is_mirrored_and_names_stay_apart() -> anyhow::Result<()> {
    let room = Room::new()?;
    let page = pdf::text_pages(1, pdf::A4);
    for name in ["in/a.pdf", "in/deep/er/b.PDF", "in/deep/A.pdf"] {
        room.write(name, &page)?;
    }
    room.copy(&sample("image-phototest.tif"), "in/a.tif")?;
    room.write("in/.hidden.pdf", &page)?;

    let ran = room.convert(&["in"], &["--formats", "txt"])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for name in ["a.pdf.txt", "a.tif.txt", "deep/er/b.txt", "deep/A.txt"] {
        assert!(room.path("out").join(name).is_file(), "{name}");
    }
    assert_eq!(fs::read_dir(room.path("out"))?.count(), 4, "two texts, deep, .quire");
    Ok(())
}

#[test]
fn only_the_pages_asked_for_are_done() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.write("a.pdf", pdf::text_pages(5, pdf::A4))?;

    let ran = room.convert(&["a.pdf"], &["--pages", "2,4-9"])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.pages("done")?, 3);
    let text = room.read("out/a.txt")?;
    assert!(
        text.contains("page 2 of") && text.contains("page 5 of") && !text.contains("page 1 of"),
        "{text}"
    );
    Ok(())
}

#[test]
fn what_is_there_is_not_done_again() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.write("a.pdf", pdf::text_pages(3, pdf::A4))?;
    room.convert(&["a.pdf"], &[])?;
    let first = room.read("out/a.json")?;

    let again = room.convert(&["a.pdf"], &[])?;

    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!(again.summary()?["resumed"], 3);
    assert_eq!(room.read("out/a.json")?, first);
    Ok(())
}

#[test]
fn what_somebody_wrote_is_kept_unless_asked() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.write("a.pdf", pdf::text_pages(1, pdf::A4))?;
    room.write("out/a.md", "my notes")?;

    let kept = room.convert(&["a.pdf"], &[])?;
    let notes = room.read("out/a.md")?;
    let replaced = room.convert(&["a.pdf"], &["--overwrite"])?;

    assert_eq!((kept.code, notes.as_str()), (Some(4), "my notes"), "{}", kept.stderr);
    assert!(kept.stderr.contains("--overwrite") && kept.stderr.contains("a.md"), "{}", kept.stderr);
    assert_eq!(replaced.code, Some(0), "{}", replaced.stderr);
    assert!(room.read("out/a.md")?.contains("page 1 of"));
    Ok(())
}

#[test]
fn a_password_opens_an_encrypted_document() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.copy(&sample("encrypted-lo.pdf"), "a.pdf")?;
    room.write("right", "openpassword\n")?;
    room.write("wrong", "guess\n")?;

    let without = room.convert(&["a.pdf"], &[])?;
    let wrong = room.convert(&["a.pdf"], &["--password-file", "wrong"])?;
    let right = room.convert(&["a.pdf"], &["--password-file", "right"])?;

    assert_eq!(without.code, Some(4), "{}", without.stderr);
    assert!(without.stderr.contains("a.pdf: the document is encrypted"), "{}", without.stderr);
    assert_eq!(wrong.code, Some(4), "{}", wrong.stderr);
    assert!(!wrong.stderr.contains("guess"), "a password was printed");
    assert_eq!(right.code, Some(0), "{}", right.stderr);
    Ok(())
}

#[test]
fn pictures_show_each_page() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.copy(&sample("twocol-lorem.pdf"), "a.pdf")?;

    let ran = room.convert(&["a.pdf"], &["--debug-images", "pictures"])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(fs::read_dir(room.path("pictures/a"))?.count(), 3);
    Ok(())
}

#[test]
fn the_doctor_finds_nothing_wrong_after_setup() -> anyhow::Result<()> {
    let room = Room::new()?;

    let ran = room.run(["doctor", "--json"])?;

    assert_eq!(ran.code, Some(0), "{:?} {}", ran.events, ran.stderr);
    Ok(())
}
