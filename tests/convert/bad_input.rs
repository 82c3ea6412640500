//! Input that nobody would want: every file is accounted for, everything else is delivered.

use std::{
    fs,
    io::Write,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use quire_tests::{pdf, quire::Room, sample, workspace};

#[test]
fn bad_files_are_named_and_good_ones_delivered() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.write("in/good.pdf", pdf::text_pages(1, pdf::A4))?;
    room.write("in/empty.pdf", "")?;
    room.write("in/text.pdf", "Dear Sir or Madam")?;
    room.write("in/garbage.pdf", "%PDF-1.7\nnothing of the kind")?;
    room.write("in/no-pages.pdf", pdf::text_pages(0, pdf::A4))?;
    room.write("in/broken.png", b"\x89PNG\r\n\x1a\nbroken")?;

    let ran = room.convert(&["in"], &[])?;

    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    let summary = ran.summary()?;
    for name in ["empty.pdf", "text.pdf", "garbage.pdf", "no-pages.pdf"] {
        assert!(summary["failed_documents"].to_string().contains(name), "{name}: {summary}");
        assert!(ran.stderr.contains(name), "{name}: {}", ran.stderr);
    }
    // What begins like a picture is a document of one page, which then cannot be decoded.
    assert!(summary["failed_pages"].to_string().contains("broken.png"), "{summary}");
    assert!(ran.stderr.contains("broken.png page 1"), "{}", ran.stderr);
    assert!(room.read("out/good.txt")?.contains("page 1 of"));
    Ok(())
}

#[test]
fn a_file_that_changes_while_it_is_read_is_refused_and_done_later() -> anyhow::Result<()> {
    let room = Room::new()?;
    let page = pdf::text_pages(1, pdf::A4);
    room.write("in/good.pdf", &page)?;
    // Large enough that it grows while it is read, however fast the machine is.
    let growing = room.write("in/growing.pdf", &page)?;
    let mut file = fs::OpenOptions::new().append(true).open(&growing)?;
    file.set_len(64 << 20)?;
    let over = AtomicBool::new(false);

    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) && file.write_all(b"%").is_ok() {
                std::thread::sleep(Duration::from_micros(200));
            }
        });
        let ran = room.convert(&["in"], &[]);
        over.store(true, Ordering::Relaxed);
        ran
    })?;

    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains("changed while it was read"), "{}", ran.stderr);
    assert!(room.read("out/good.txt")?.contains("page 1 of"));
    assert!(!room.path("out/growing.txt").exists());

    fs::write(&growing, pdf::text_pages(2, pdf::A4))?;
    let again = room.convert(&["in"], &[])?;

    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert!(room.read("out/growing.txt")?.contains("page 2 of"));
    Ok(())
}

#[test]
fn a_single_bad_file_is_code_4() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.write("a.pdf", "%PDF-1.7\nnothing of the kind")?;

    let ran = room.convert(&["a.pdf"], &[])?;

    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
    Ok(())
}

#[test]
fn a_truncated_file_is_recovered_or_refused() -> anyhow::Result<()> {
    let room = Room::new()?;
    let whole = fs::read(sample("twocol-lorem.pdf"))?;
    room.write("a.pdf", &whole[..whole.len() * 6 / 10])?;

    let ran = room.convert(&["a.pdf"], &[])?;

    assert!(matches!(ran.code, Some(0 | 3 | 4)), "{:?} {}", ran.code, ran.stderr);
    Ok(())
}

#[test]
fn a_broken_cross_reference_table_is_repaired() -> anyhow::Result<()> {
    let room = Room::new()?;
    let text = String::from_utf8(pdf::text_pages(3, pdf::A4))?;
    room.write("a.pdf", text.replace("startxref\n", "startxref\n99").replace("00000 n ", "00007 n "))?;

    let ran = room.convert(&["a.pdf"], &[])?;

    assert_eq!((ran.code, ran.pages("done")?), (Some(0), 3), "{}", ran.stderr);
    Ok(())
}

#[test]
fn a_page_two_hundred_inches_wide_is_read_smaller() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.write("a.pdf", pdf::text_pages(1, (14_400, 14_400)))?;

    let ran = room.convert(&["a.pdf"], &[])?;

    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(room.read("out/a.json")?.contains("rendered_smaller"));
    Ok(())
}

#[test]
fn ten_thousand_pages_are_counted_and_two_of_them_read() -> anyhow::Result<()> {
    let room = Room::new()?;
    room.write("a.pdf", pdf::text_pages(10_000, pdf::A4))?;

    let ran = room.convert(&["a.pdf"], &["--pages", "1,10000-20000"])?;

    assert_eq!((ran.code, ran.pages("done")?), (Some(0), 2), "{}", ran.stderr);
    assert!(room.read("out/a.txt")?.contains("page 10000 of"));
    Ok(())
}

#[test]
fn hostile_documents_run_to_the_end() -> anyhow::Result<()> {
    let corpus =
        std::env::var_os("QUIRE_CORPUS").map_or_else(|| workspace().join("../shared/corpus"), PathBuf::from);
    let folder = corpus.join("robustness");
    if !folder.is_dir() {
        eprintln!("skipped: no corpus in {}; set QUIRE_CORPUS", corpus.display());
        return Ok(());
    }
    let room = Room::new()?;
    let documents = fs::read_dir(&folder)?.filter(|entry| {
        entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|extension| extension == "pdf"))
    });

    let ran = room.convert(&[&folder.to_string_lossy()], &[])?;

    assert!(matches!(ran.code, Some(0 | 3)), "{:?} {}", ran.code, ran.stderr);
    let summary = ran.summary()?;
    let failed = summary["failed_documents"].as_array().map_or(0, Vec::len);
    assert_eq!(summary["documents"].as_u64(), Some((documents.count() - failed) as u64), "{summary}");
    assert_eq!((ran.pages("pending")?, ran.pages("cancelled")?), (0, 0));
    Ok(())
}
