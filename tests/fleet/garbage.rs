//! What `quire rm` leaves behind, and what `quire gc` makes of it.

use anyhow::Context;
use quire_tests::{
    fleet::{CoordinatorProcess, Fleet, Servers},
    pdf::{A4, text_pages},
};
use serde_json::Value;

/// Says what was collected, whatever its age.
fn collect(coordinator: &CoordinatorProcess, more: &[&str]) -> anyhow::Result<Value> {
    let ran = coordinator.run(&[&["gc", "--older-than", "0s"], more].concat())?;
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.events.first().cloned().context("gc says what it did")
}

/// The text of a document as `quire results` writes it.
fn text(fleet: &Fleet, coordinator: &CoordinatorProcess, job: &str, out: &str) -> anyhow::Result<String> {
    let out = fleet.path(out);
    let written = coordinator.run(&["results", job, "--out", &out.to_string_lossy()])?;
    assert_eq!(written.code, Some(0), "{}", written.stderr);
    Ok(std::fs::read_to_string(out.join("shared.txt"))?)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_job_refers_to_goes_and_can_be_had_again() -> anyhow::Result<()> {
    let servers = Servers::start()?;
    let fleet = servers.fleet()?;
    let (coordinator, _worker) = (fleet.coordinator().await?, fleet.worker().await?);
    let shared = fleet.write("shared.pdf", &text_pages(20, A4))?;
    let alone = fleet.write("alone.pdf", &text_pages(3, A4))?;
    let first = coordinator.submit_and_wait(&[&shared, &alone], &[])?.0.job.to_string();
    let second = coordinator.submit_and_wait(&[&shared], &["--collection", "second"])?.0.job.to_string();
    let before = text(&fleet, &coordinator, &second, "before")?;

    let busy = collect(&coordinator, &[])?;
    assert_eq!(coordinator.run(&["rm", &first])?.code, Some(0));
    let young = coordinator.run(&["gc", "--dry-run"])?;
    let one = collect(&coordinator, &[])?;
    let sound = coordinator.run(&["verify", &second])?.code;
    assert_eq!(coordinator.run(&["rm", &second])?.code, Some(0));
    let rest = collect(&coordinator, &[])?;
    let nothing = collect(&coordinator, &["--direct"])?;

    assert_eq!((&busy["documents"]["used"], &busy["results"]["used"]), (&2.into(), &3.into()));
    assert_eq!(young.events[0]["documents"]["young"], 1, "a week is not over: {:?}", young.events);
    assert_eq!((&one["documents"]["removed"], &one["results"]["removed"]), (&1.into(), &1.into()));
    assert_eq!(sound, Some(0));
    assert_eq!((&rest["documents"]["removed"], &rest["results"]["removed"]), (&1.into(), &2.into()));
    assert_eq!((&nothing["documents"]["removed"], &nothing["jobs"]), (&0.into(), &0.into()));
    let (again, code) = coordinator.submit_and_wait(&[&shared], &["--collection", "second"])?;
    assert_eq!((code, again.job.to_string(), again.pages.done), (Some(0), second.clone(), 20));
    let after = text(&fleet, &coordinator, &second, "after")?;
    assert!(before == after && after.contains("page 20 of"), "{before}\n---\n{after}");
    Ok(())
}
