//! What a job promises, over ports in memory and a worker that makes records up.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use crate::support::{Act, World, pages_to};
use quire_coordinator::{JobEvent, JobOutcome};
use quire_ports::{JobQueue, ObjectStore};
use quire_proto::{Ledger, ObjectKey, Tenant, manifest::JobSpec};
use tokio_util::sync::CancellationToken;

#[tokio::test(start_paused = true)]
async fn every_page_is_accounted_for() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 40 a", "pages 3 b"]).await?;
    let _worker = world.worker(|_| Act::Work);

    let manifest = world.finish(job).await?;

    assert_eq!(manifest.ledger, Ledger { done: 35, blank: 5, failed: 3, ..Ledger::default() });
    assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(40));
    assert_eq!(world.read(&manifest.documents[1]).await?, pages_to(3));
    assert_eq!(world.worked(), 43, "no page is done twice");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn events_tell_of_each_page_and_of_the_end_of_each_document() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 20 a", "pages 3 b", "broken"]).await?;
    let _worker = world.worker(|_| Act::Work);

    let (_, events) = world.run(job).await?;

    let count = |wanted: fn(&JobEvent) -> usize| events.iter().map(wanted).sum::<usize>();
    assert_eq!(count(|e| matches!(e, JobEvent::Planned { .. }).into()), 2);
    assert_eq!(count(|e| matches!(e, JobEvent::Refused { .. }).into()), 1);
    assert_eq!(count(|e| if let JobEvent::Pages { pages, .. } = e { pages.len() } else { 0 }), 23);
    assert_eq!(count(|e| matches!(e, JobEvent::Complete(_)).into()), 2);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_tried_again_and_what_was_done_is_not() -> anyhow::Result<()> {
    let world = World::new()?;
    let tenant = Tenant::local();
    let job = world.submit(&["pages 2 a", "broken"]).await?;
    assert_eq!(world.coordinator().retry(&tenant, job).await?, job, "it has not failed yet");
    let _worker = world.worker(|_| Act::Work);
    world.finish(job).await?;

    let again = world.coordinator().retry(&tenant, job).await?;
    let manifest = world.finish(again).await?;

    assert_ne!(again, job);
    assert!(manifest.documents[1].failure.is_some());
    assert_eq!(world.worked(), 2, "only the broken document was looked at again");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn only_the_selected_pages_are_done() -> anyhow::Result<()> {
    let world = World::new()?;
    let mut request = world.request(&["pages 40 a", "pages 3 b"])?;
    request.terms.pages = Some("2-3,20,39-50".parse()?);
    let job = world.coordinator().submit(request).await?.job;
    let _worker = world.worker(|_| Act::Work);

    let manifest = world.finish(job).await?;

    assert_eq!(world.read(&manifest.documents[0]).await?, [2, 3, 20, 39, 40]);
    assert_eq!(world.read(&manifest.documents[1]).await?, [2, 3]);
    assert_eq!(world.worked(), 7);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_interrupted_job_goes_on_without_doing_anything_again() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 40 a"]).await?;
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let mut ranges = 0;
    let worker = world.worker(move |_| {
        ranges += 1;
        if ranges == 3 {
            stop.cancel();
        }
        Act::Work
    });
    let (interrupted, _) = world.run_until(job, shutdown).await?;
    drop(worker);
    let done_before = world.worked();
    let later = World::over(world.truth.clone(), world.truth.clone())?;
    let _worker = later.worker(|_| Act::Work);

    let manifest = later.finish(job).await?;

    assert!(matches!(interrupted, JobOutcome::Interrupted(ledger) if ledger.submitted() == 40));
    assert!((16..40).contains(&done_before), "{done_before}");
    assert_eq!(done_before + later.worked(), 40);
    assert_eq!(later.read(&manifest.documents[0]).await?, pages_to(40));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_lost_range_is_published_again() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 20 a"]).await?;
    let mut lost = false;
    let _worker =
        world.worker(move |_| if std::mem::replace(&mut lost, true) { Act::Work } else { Act::Lose });

    let manifest = world.finish(job).await?;

    assert_eq!(manifest.ledger.submitted(), 20);
    assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(20));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_corrupt_range_is_done_again() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 20 a"]).await?;
    let mut broken = false;
    let _worker =
        world.worker(move |_| if std::mem::replace(&mut broken, true) { Act::Work } else { Act::Corrupt });

    let manifest = world.finish(job).await?;

    assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(20));
    assert_eq!(world.worked(), 28, "eight pages twice");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_drained_range_is_finished_by_its_remainder() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 20 a"]).await?;
    let _worker = world.worker(|job| if job.range.count() == 8 { Act::Drain } else { Act::Work });

    let manifest = world.finish(job).await?;

    assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(20));
    assert_eq!(world.worked(), 20, "no page is done twice");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_document_that_cannot_be_opened_fails_alone() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["nonsense", "pages 5 a", "pages 0 b"]).await?;
    let _worker = world.worker(|_| Act::Work);

    let manifest = world.finish(job).await?;

    let classes: Vec<_> =
        manifest.documents.iter().map(|d| d.failure.as_ref().map(|failure| failure.class.as_str())).collect();
    assert_eq!(classes, [Some("not_a_document"), None, Some("no_pages")]);
    assert_eq!(manifest.ledger.submitted(), 5);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_range_whose_attempts_are_used_up_is_failed_and_the_job_ends() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 24 a"]).await?;
    let _worker = world.worker(|job| if job.range.first().get() == 9 { Act::Retry } else { Act::Work });

    let manifest = world.finish(job).await?;

    assert_eq!(manifest.ledger, Ledger { done: 13, blank: 2, failed: 9, ..Ledger::default() });
    assert_eq!(world.queue.parked(9).await?, [], "what is recorded as failed need not stay parked");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_next_epoch_tries_only_what_failed() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 24 a"]).await?;
    let worker = world.worker(|job| if job.range.first().get() == 9 { Act::Retry } else { Act::Work });
    world.finish(job).await?;
    drop(worker);
    let before = world.worked();
    let mut request = world.request(&["pages 24 a"])?;
    request.terms.epoch = 1;
    let retry = world.coordinator().submit(request).await?.job;
    let _worker = world.worker(|_| Act::Work);

    let manifest = world.finish(retry).await?;

    assert_eq!(world.worked() - before, 9, "eight that were given up, and page 22");
    assert_eq!(manifest.ledger, Ledger { done: 19, blank: 3, failed: 2, ..Ledger::default() });
    assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(24));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_finalisers_commit_one_manifest() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 40 a", "broken"]).await?;
    let _worker = world.worker(|_| Act::Work);

    let (one, other) = tokio::join!(world.finish(job), world.finish(job));

    let key = ObjectKey::job_manifest(&Tenant::local(), job);
    let committed = world.truth.get(&key).await?;
    assert_eq!(serde_json::to_vec_pretty(&one?)?, committed);
    assert_eq!(serde_json::to_vec_pretty(&other?)?, committed);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_finished_job_is_told_again_without_work() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 10 a", "broken"]).await?;
    let worker = world.worker(|_| Act::Work);
    let first = world.finish(job).await?;
    drop(worker);

    let (again, events) = world.run(job).await?;

    assert_eq!(again, JobOutcome::Finished(first));
    assert!(events.iter().any(|event| matches!(event, JobEvent::Complete(_))));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_same_request_is_the_same_job_and_equal_files_are_one_document() -> anyhow::Result<()> {
    let world = World::new()?;
    let texts = ["pages 10 a", "pages 9 b", "pages 10 a"];

    let first = world.coordinator().submit(world.request(&texts)?).await?;
    let second = world.coordinator().submit(world.request(&texts)?).await?;

    assert_eq!(first.job, second.job);
    assert_eq!(first.documents.len(), 2);
    assert_eq!(first.documents[0].names, ["0.pdf", "2.pdf"]);
    let spec = world.truth.get(&ObjectKey::job_spec(&Tenant::local(), first.job)).await?;
    assert_eq!(serde_json::from_slice::<JobSpec>(&spec)?.documents, first.documents);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_not_there_is_refused_alone() -> anyhow::Result<()> {
    let world = World::new()?;
    let mut request = world.request(&["pages 10 a", "pages 3 b"])?;
    std::fs::remove_file(&request.inputs[0].path)?;
    request.inputs[0].name = "gone.pdf".to_owned();

    let submitted = world.coordinator().submit(request).await?;

    assert_eq!(submitted.refused.len(), 1);
    assert_eq!(submitted.refused[0].input.name, "gone.pdf");
    assert_eq!(submitted.documents.len(), 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_job_ends_with_its_pages_cancelled() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 40 a"]).await?;
    let ranges = Arc::new(AtomicUsize::new(0));
    let seen = ranges.clone();
    let _worker =
        world.worker(move |_| if seen.fetch_add(1, Ordering::SeqCst) < 2 { Act::Work } else { Act::Die });
    let coordinator = world.coordinator();
    let cancel = async {
        while ranges.load(Ordering::SeqCst) < 3 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        coordinator.cancel(&Tenant::local(), job).await
    };

    let (manifest, cancelled) = tokio::join!(world.finish(job), cancel);

    cancelled?;
    let manifest = manifest?;
    assert_eq!(manifest.ledger.submitted(), 40);
    assert_eq!(manifest.ledger.cancelled, 24);
    assert_eq!(manifest.documents[0].cancelled.to_string(), "17-40");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_window_bounds_the_queue() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = world.submit(&["pages 400 a"]).await?;
    let (sender, receiver) = tokio::sync::mpsc::channel(1);
    drop(receiver);
    let coordinator = world.coordinator();
    let tenant = Tenant::local();

    let run = coordinator.run(&tenant, job, sender, CancellationToken::new());
    let ended = tokio::time::timeout(std::time::Duration::from_secs(10), run).await;

    assert!(ended.is_err(), "nobody works");
    assert_eq!(world.queue.len(), 5);
    Ok(())
}

/// Coordinators that are configured differently are asked for the same.
#[tokio::test(start_paused = true)]
async fn a_job_keeps_the_range_size_that_it_was_first_submitted_with() -> anyhow::Result<()> {
    let world = World::new()?;
    let mut other = world.request(&["pages 40 a"])?;
    other.terms.range_size = std::num::NonZeroU32::MIN;

    let job = world.submit(&["pages 40 a"]).await?;
    let again = world.coordinator().submit(other).await?.job;
    let _worker = world.worker(|_| Act::Work);
    let manifest = world.finish(again).await?;

    assert_eq!(job, again);
    assert_eq!(manifest.documents[0].cover.len(), 5, "ranges of eight pages");
    Ok(())
}
