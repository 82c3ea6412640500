//! Runs that are stopped, gently or not, and go on later.

use std::time::Duration;

use quire_tests::{
    pdf,
    quire::{Ran, Room},
};

/// Six ranges, so that a run is caught midway.
const PAGES: usize = 96;

fn room() -> anyhow::Result<Room> {
    let room = Room::new()?;
    room.write("a.pdf", pdf::text_pages(PAGES, pdf::A4))?;
    Ok(room)
}

/// The second run finishes what the first began.
fn resumes(room: &Room) -> anyhow::Result<Ran> {
    let ran = room.convert(&["a.pdf"], &[])?;
    assert_eq!((ran.code, ran.pages("done")?), (Some(0), PAGES as u64), "{}", ran.stderr);
    let text = room.read("out/a.txt")?;
    assert_eq!(text.matches('\x0c').count(), PAGES - 1);
    for page in 1..=PAGES {
        assert_eq!(text.matches(&format!("page {page} of")).count(), 1, "page {page}");
    }
    Ok(ran)
}

#[test]
fn a_run_that_was_killed_resumes() -> anyhow::Result<()> {
    let room = room()?;
    let mut run = room.begin(&["a.pdf"], &[])?;
    run.until_midway()?;

    run.kill("KILL")?;
    run.end(Duration::from_secs(10))?;

    let ran = resumes(&room)?;
    assert!(ran.summary()?["resumed"].as_u64() > Some(0), "{:?}", ran.summary()?);
    Ok(())
}

#[test]
fn ctrl_c_stops_within_seconds_and_says_how_to_go_on() -> anyhow::Result<()> {
    let room = room()?;
    let mut run = room.begin(&["a.pdf"], &[])?;
    run.until_midway()?;

    run.kill_group("INT")?;
    let stopped = run.end(Duration::from_secs(10))?;

    assert_eq!(stopped.code, Some(1), "{}", stopped.stderr);
    assert!(stopped.stderr.contains("the same command again"), "{}", stopped.stderr);
    assert_eq!(stopped.pages("failed")?, 0, "the signal reached the render children: {}", stopped.stderr);
    let ran = resumes(&room)?;
    assert!(ran.summary()?["resumed"].as_u64() > Some(0), "{:?}", ran.summary()?);
    Ok(())
}

#[test]
fn a_second_ctrl_c_leaves_at_once() -> anyhow::Result<()> {
    let room = room()?;
    let mut run = room.begin(&["a.pdf"], &[])?;
    run.until_midway()?;

    run.kill("INT")?;
    // Two signals of one kind that wait together are one signal; apart they are two.
    std::thread::sleep(Duration::from_millis(50));
    drop(run.kill("INT"));
    let stopped = run.end(Duration::from_secs(5))?;

    // A drain that was quicker than the second signal ends with 1.
    assert!(matches!(stopped.code, Some(130 | 1)), "{:?}", stopped.code);
    resumes(&room)?;
    Ok(())
}
