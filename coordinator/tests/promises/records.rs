//! What can be asked about jobs: lists, failures, verification, removal, idempotency keys.

use crate::support::{Act, World};
use quire_coordinator::{CoordinatorError, JobTerms, jobs::Phase};
use quire_ports::ObjectStore;
use quire_proto::{DocumentId, Priority, Profile, Tenant, record::FailureClass};

#[tokio::test(start_paused = true)]
async fn an_idempotency_key_stands_for_one_request() -> anyhow::Result<()> {
    let world = World::new()?;
    let mut request = world.request(&["pages 10 a"])?;
    request.terms.idempotency_key = Some("monday".to_owned());
    let first = world.coordinator().submit(request.clone()).await?.job;

    let again = world.coordinator().submit(request.clone()).await?.job;
    request.terms.priority = Priority::High;
    let changed = world.coordinator().submit(request).await;

    assert_eq!(first, again);
    assert!(matches!(changed, Err(CoordinatorError::KeyTaken(job)) if job == first), "{changed:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_collection_is_a_job_of_its_own_without_new_work() -> anyhow::Result<()> {
    let world = World::new()?;
    let _worker = world.worker(|_| Act::Work);
    let first = world.submit(&["pages 10 a"]).await?;
    world.finish(first).await?;
    let mut request = world.request(&["pages 10 a"])?;
    request.terms.collection = Some("letters".to_owned());

    let second = world.coordinator().submit(request).await?.job;
    world.finish(second).await?;

    assert_ne!(first, second);
    assert_eq!(world.worked(), 10);
    let status = world.coordinator().status(&Tenant::local(), second).await?;
    assert_eq!(status.collection.as_deref(), Some("letters"));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn only_documents_that_were_stored_make_a_job() -> anyhow::Result<()> {
    let world = World::new()?;
    let coordinator = world.coordinator();
    let terms = JobTerms::new(Tenant::local(), Profile::default());
    let missing = DocumentId::of(b"never sent");

    let refused = coordinator.submit_stored(terms.clone(), vec![(missing, "a.pdf".to_owned())]).await;
    let empty = coordinator.submit_stored(terms, Vec::new()).await;

    assert!(matches!(refused, Err(CoordinatorError::NoSource(document)) if document == missing));
    assert!(matches!(empty, Err(CoordinatorError::NoDocuments)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn failures_name_documents_and_pages_while_the_job_runs_and_after_it() -> anyhow::Result<()> {
    let world = World::new()?;
    let (tenant, coordinator) = (Tenant::local(), world.coordinator());
    let job = world.submit(&["pages 24 a", "broken"]).await?;
    let worker = world.worker(|_| Act::Work);
    world.finish(job).await?;
    drop(worker);

    let all = coordinator.failures(&tenant, job, 100).await?;
    let some = coordinator.failures(&tenant, job, 1).await?;

    assert_eq!(all.documents[0].names, ["1.pdf"]);
    let pages: Vec<u32> = all.pages.iter().map(|failed| failed.page.get()).collect();
    assert_eq!(pages, [11, 22]);
    assert_eq!(all.pages[0].failure.class, FailureClass::Undecodable);
    assert!(!all.more && some.more && some.pages.len() == 1);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn verification_finds_what_was_changed_and_what_is_gone() -> anyhow::Result<()> {
    let world = World::new()?;
    let (tenant, coordinator) = (Tenant::local(), world.coordinator());
    let job = world.submit(&["pages 24 a"]).await?;
    let _worker = world.worker(|_| Act::Work);
    let manifest = world.finish(job).await?;
    let sound = coordinator.verify(&tenant, job).await?;
    let pieces = &manifest.documents[0].cover;

    let mut body = world.truth.get(&pieces[0].key).await?.to_vec();
    body[20] ^= 1;
    world.truth.put(&pieces[0].key, body.into()).await?;
    world.truth.delete(&pieces[1].key).await?;
    let broken = coordinator.verify(&tenant, job).await?;

    assert!(sound.sound && sound.objects == 3 && sound.pages == manifest.ledger, "{sound:?}");
    assert!(!broken.sound, "{broken:?}");
    for key in [&pieces[0].key, &pieces[1].key] {
        assert!(broken.problems.iter().any(|problem| problem.contains(key.as_str())), "{broken:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_removed_job_is_unknown_and_its_results_serve_the_next() -> anyhow::Result<()> {
    let world = World::new()?;
    let (tenant, coordinator) = (Tenant::local(), world.coordinator());
    let job = world.submit(&["pages 24 a"]).await?;
    let running = coordinator.remove(&tenant, job).await;
    assert!(matches!(running, Err(CoordinatorError::Running(_))));
    let _worker = world.worker(|_| Act::Work);
    world.finish(job).await?;

    coordinator.remove(&tenant, job).await?;

    let status = coordinator.status(&tenant, job).await;
    assert!(matches!(status, Err(CoordinatorError::UnknownJob(_))));
    assert!(coordinator.list(&tenant, None, 10).await?.jobs.is_empty());
    world.submit(&["pages 24 a"]).await?;
    world.finish(job).await?;
    assert_eq!(world.worked(), 24, "no page is done again");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_list_is_paged_and_says_how_far_each_job_is() -> anyhow::Result<()> {
    let world = World::new()?;
    let (tenant, coordinator) = (Tenant::local(), world.coordinator());
    let done = world.submit(&["pages 3 a"]).await?;
    let _worker = world.worker(|_| Act::Work);
    world.finish(done).await?;
    let mut all = vec![done];
    for text in ["pages 3 b", "pages 3 c"] {
        all.push(world.submit(&[text]).await?);
    }
    all.sort_unstable();

    let first = coordinator.list(&tenant, None, 2).await?;
    let second = coordinator.list(&tenant, first.next, 2).await?;

    let listed: Vec<_> = first.jobs.iter().chain(&second.jobs).map(|entry| entry.job).collect();
    assert_eq!(listed, all);
    assert_eq!(second.next, None);
    for entry in first.jobs.iter().chain(&second.jobs) {
        assert_eq!(entry.phase, if entry.job == done { Phase::Finished } else { Phase::Planning });
    }
    Ok(())
}
