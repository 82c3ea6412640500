//! The coordinator as people meet it: `quire serve`, workers and commands, all of them processes.
//!
//! One test for all of it, since servers take seconds to start.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::Context;
use quire_coordinator::jobs::{JobStatus, Phase};
use quire_proto::{JobId, Ledger};
use quire_tests::{
    fleet::{
        CoordinatorProcess, Fleet, Process, Servers, last_status,
        tour::{self, Tour},
    },
    pdf::{A4, text_pages},
    quire::{Ran, Room},
    sample,
};

/// Longest that a job may take until its first page is done.
const BEGUN_WITHIN: Duration = Duration::from_secs(20);

/// What is read by networks in this test, in the order of their names.
const DOCUMENTS: [&str; 2] = ["image-phototest.tif", "sample.pdf"];

/// Pages of a job that takes longer than all others of its test.
const LARGE: u32 = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_keeps_its_promises() -> anyhow::Result<()> {
    let mut servers = Servers::start()?;

    documents_become_files(&servers).await?;
    direct_commands_need_no_coordinator(&servers)?;
    jobs_share_the_fleet(&servers).await?;
    a_killed_coordinator_leaves_its_jobs_to_another(&servers).await?;
    a_coordinator_outlives_its_broker_and_its_redis(&mut servers).await
}

/// What people do with a few documents.
async fn documents_become_files(servers: &Servers) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    the_tour_gives_what_convert_gives(&fleet).await?;

    let coordinator = fleet.coordinator().await?;
    the_same_documents_again_need_no_worker(&coordinator)?;
    a_document_that_cannot_be_opened_ends_its_job_with_a_reason(&coordinator)
}

async fn the_tour_gives_what_convert_gives(fleet: &Fleet) -> anyhow::Result<()> {
    let room = Room::new()?;
    for name in DOCUMENTS {
        room.copy(&sample(name), &format!("in/{name}"))?;
    }
    assert_eq!(room.convert(&["in"], &[])?.code, Some(0));
    let tour = Tour { documents: room.path("in"), out: room.path("fleet") };

    let code = tour::one_job(&tour, fleet).await?;

    assert_eq!(code, 0);
    for name in ["sample", "image-phototest"] {
        for file in [format!("{name}.txt"), format!("{name}.md")] {
            let (here, there) = (room.read(&format!("out/{file}"))?, room.read(&format!("fleet/{file}"))?);
            assert!(here == there && !here.is_empty(), "{file}: {here}\n---\n{there}");
        }
        let json = format!("{name}.json");
        let same = pages(&room, &format!("out/{json}"))? == pages(&room, &format!("fleet/{json}"))?;
        assert!(same, "{json} differs");
    }
    Ok(())
}

/// The pages of a JSON result without what differs between two runs: how long things took.
fn pages(room: &Room, path: &str) -> anyhow::Result<Vec<serde_json::Value>> {
    let mut whole: serde_json::Value = serde_json::from_str(&room.read(path)?)?;
    let mut pages = whole["pages"].as_array_mut().map(std::mem::take).context("a document has pages")?;
    pages.iter_mut().for_each(|page| page["provenance"]["milliseconds"] = ().into());
    Ok(pages)
}

/// The job is another one, so its pages come from what lies in the store.
fn the_same_documents_again_need_no_worker(coordinator: &CoordinatorProcess) -> anyhow::Result<()> {
    let documents = DOCUMENTS.map(sample);
    let documents = [documents[0].as_path(), documents[1].as_path()];

    let (again, code) = coordinator.submit_and_wait(&documents, &["--collection", "again"])?;

    assert_eq!((code, again.pages), (Some(0), Ledger { done: 2, ..Ledger::default() }), "{again:?}");
    let listed = coordinator.run(&["list"])?;
    assert_eq!(listed.events.len(), 2, "{:?}", listed.events);
    let job = again.job.to_string();
    assert_sound(coordinator, &job, 2)?;
    assert_eq!(coordinator.run(&["rm", &job])?.code, Some(0));
    let gone = coordinator.run(&["status", &job])?;
    assert!(gone.code == Some(1) && gone.stderr.contains("was never submitted"), "{}", gone.stderr);
    Ok(())
}

fn a_document_that_cannot_be_opened_ends_its_job_with_a_reason(
    coordinator: &CoordinatorProcess,
) -> anyhow::Result<()> {
    let (status, code) = coordinator.submit_and_wait(&[&sample("encrypted-lo.pdf")], &[])?;
    let failures = coordinator.run(&["failures", &status.job.to_string()])?;
    let again = coordinator.run(&["retry", &status.job.to_string(), "--wait"])?;

    assert_eq!((code, status.failed_documents, failures.code), (Some(4), 1, Some(3)));
    let failed = &failures.events[0]["documents"][0];
    assert_eq!(
        (&failed["failure"]["class"], &failed["names"][0]),
        (&"password_required".into(), &"encrypted-lo.pdf".into())
    );
    let retried = last_status(&again)?;
    assert!(again.code == Some(4) && retried.job != status.job, "{retried:?}");
    Ok(())
}

/// A worker, and nobody else but the commands.
fn direct_commands_need_no_coordinator(servers: &Servers) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    let _worker = stub(&fleet, "5")?;
    let (first, second) =
        (fleet.write("first.pdf", &text_pages(40, A4))?, fleet.write("second.pdf", &text_pages(3, A4))?);
    let (first, second) = (first.to_string_lossy(), second.to_string_lossy());
    let out = fleet.path("direct");

    let ended = fleet.run(&["submit", &first, "--direct", "--wait"])?;
    let left = fleet.run(&["submit", &second, "--direct"])?;
    let job = last_status(&left)?.job.to_string();
    let watched = fleet.run(&["watch", &job, "--direct"])?;
    let written = fleet.run(&["results", &job, "--direct", "--out", &out.to_string_lossy()])?;
    let nobody = fleet.run(&["list", "--server", "http://127.0.0.1:1"])?;

    assert_eq!((ended.code, last_status(&ended)?.pages.done), (Some(0), 40), "{}", ended.stderr);
    assert!(left.stderr.contains(&format!("quire watch {job} --direct")), "{}", left.stderr);
    assert_eq!((watched.code, last_status(&watched)?.pages.done), (Some(0), 3), "{}", watched.stderr);
    assert!(written.code == Some(0) && out.join("second.json").is_file(), "{}", written.stderr);
    assert_eq!(fleet.run(&["verify", &job, "--direct"])?.code, Some(0));
    assert_eq!(nobody.code, Some(1), "{}", nobody.stderr);
    Ok(())
}

/// One job that would go on for minutes, and others beside it.
async fn jobs_share_the_fleet(servers: &Servers) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    let coordinator = fleet.coordinator().await?;
    let _workers = [stub(&fleet, "5")?, stub(&fleet, "5")?];
    let document = fleet.write("large.pdf", &text_pages(LARGE as usize, A4))?;
    let large = coordinator.submit(&[&document], &[])?.job;
    coordinator.until_midway(&large.to_string(), BEGUN_WITHIN).await?;

    a_high_priority_overtakes(&fleet, &coordinator, large)?;
    small_jobs_are_not_starved(&fleet, &coordinator, large)?;
    a_cancelled_job_stops_and_keeps_what_is_finished(&coordinator, large)
}

fn stub(fleet: &Fleet, ms_per_page: &str) -> anyhow::Result<Process> {
    fleet.stub_worker(&["--ms-per-page", ms_per_page])
}

fn a_high_priority_overtakes(
    fleet: &Fleet,
    coordinator: &CoordinatorProcess,
    large: JobId,
) -> anyhow::Result<()> {
    let document = fleet.write("urgent.pdf", &text_pages(40, A4))?;
    let before = coordinator.status(&large.to_string())?.pages.done;

    let (urgent, code) = coordinator.submit_and_wait(&[&document], &["--priority", "high"])?;

    let after = coordinator.status(&large.to_string())?.pages.done;
    assert_eq!((code, urgent.pages.done), (Some(0), 40));
    // What workers held, and what they began while the job was submitted and planned.
    assert!(after - before < u64::from(LARGE) / 10, "{} pages went first", after - before);
    Ok(())
}

fn small_jobs_are_not_starved(
    fleet: &Fleet,
    coordinator: &CoordinatorProcess,
    large: JobId,
) -> anyhow::Result<()> {
    let mut small = Vec::new();
    for pages in 1..=20 {
        let document = fleet.write(&format!("small-{pages}.pdf"), &text_pages(pages, A4))?;
        small.push(coordinator.submit(&[&document], &[])?.job);
    }

    let ended: Vec<JobStatus> =
        small.iter().map(|job| coordinator.watch(&job.to_string())).collect::<Result<_, _>>()?;

    let left = coordinator.status(&large.to_string())?.pages.pending;
    assert!(left > u64::from(LARGE) / 4, "only {left} pages of the large job are left");
    assert!(ended.iter().zip(1..).all(|(status, pages)| status.pages.done == pages), "{ended:?}");
    Ok(())
}

fn a_cancelled_job_stops_and_keeps_what_is_finished(
    coordinator: &CoordinatorProcess,
    large: JobId,
) -> anyhow::Result<()> {
    let job = large.to_string();
    let asked = Instant::now();

    let cancelled = coordinator.run(&["cancel", &job])?;
    let end = coordinator.watch(&job)?;

    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    assert_eq!((cancelled.code, end.phase), (Some(0), Phase::Finished));
    let Ledger { done, cancelled, .. } = end.pages;
    assert!(done > 0 && cancelled > 0 && done + cancelled == u64::from(LARGE), "{end:?}");
    assert_eq!(coordinator.run(&["verify", &job])?.code, Some(0));
    Ok(())
}

async fn a_killed_coordinator_leaves_its_jobs_to_another(servers: &Servers) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    let (mut doomed, survivor) = (fleet.coordinator().await?, fleet.coordinator().await?);
    let _workers = [stub(&fleet, "20")?, stub(&fleet, "20")?];
    let document = fleet.write("input.pdf", &text_pages(320, A4))?;
    let job = doomed.submit(&[&document], &[])?.job.to_string();
    let mut watch = doomed.command(&["watch", &job, "--json"])?;
    let watching = watch.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    doomed.until_midway(&job, BEGUN_WITHIN).await?;

    doomed.kill()?;
    let end = survivor.watch(&job)?;
    doomed.restart().await?;
    let watched = last_status(&Ran::new(watching.wait_with_output()?)?)?;

    assert_eq!((watched.phase, watched.pages), (Phase::Finished, end.pages), "whoever watches is patient");
    assert_eq!(end.pages, Ledger { done: 320, ..Ledger::default() });
    assert!(survivor.log().contains("a job is finished"), "a service tells of its life: {}", survivor.log());
    assert_sound(&survivor, &job, 320)
}

async fn a_coordinator_outlives_its_broker_and_its_redis(servers: &mut Servers) -> anyhow::Result<()> {
    let fleet = servers.fleet()?;
    let coordinator = fleet.coordinator().await?;
    let _workers = [stub(&fleet, "20")?, stub(&fleet, "20")?];
    let document = fleet.write("input.pdf", &text_pages(640, A4))?;
    let job = coordinator.submit(&[&document], &[])?.job.to_string();
    let midway = coordinator.until_midway(&job, BEGUN_WITHIN).await?;

    servers.redis.empty()?;
    let emptied = coordinator.status(&job)?;
    servers.broker.write_new_queues()?;
    servers.broker.restart()?;
    let end = coordinator.watch(&job)?;

    // What the coordinator has seen counts, whatever Redis forgot.
    assert!(emptied.pages.done >= midway.pages.done && !emptied.stale, "{midway:?}, {emptied:?}");
    assert_eq!(end.pages, Ledger { done: 640, ..Ledger::default() }, "{}", coordinator.log());
    assert_sound(&coordinator, &job, 640)
}

fn assert_sound(coordinator: &CoordinatorProcess, job: &str, pages: u64) -> anyhow::Result<()> {
    let verified = coordinator.run(&["verify", job])?;
    assert_eq!(verified.code, Some(0), "{:?}", verified.events);
    assert_eq!(verified.events[0]["pages"]["done"], pages, "{:?}", verified.events);
    Ok(())
}
