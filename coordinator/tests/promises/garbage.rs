//! What becomes of documents and results that no job refers to, and of those that one is about to.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use quire_adapters::InMemoryObjectStore;
use quire_coordinator::{
    CoordinatorError,
    gc::{Collected, Collection, Swept},
};
use quire_ports::ObjectStore;
use quire_proto::{DocumentId, JobId, ObjectKey, Tenant};
use tokio::{sync::watch, time::Instant};

use crate::{
    interleaved::Interleaved,
    support::{Act, World, pages_to},
};

const DAY: Duration = Duration::from_secs(86_400);

const WEEK: Collection = Collection { older_than: DAY.saturating_mul(7), dry_run: false };

/// Submits, waits for the end, and says which job it was.
async fn done(world: &World, documents: &[&str]) -> anyhow::Result<JobId> {
    let job = world.submit(documents).await?;
    let _worker = world.worker(|_| Act::Work);
    world.finish(job).await?;
    Ok(job)
}

async fn remove(world: &World, job: JobId) -> anyhow::Result<()> {
    Ok(world.coordinator().remove(&Tenant::local(), job).await?)
}

async fn collect(world: &World) -> anyhow::Result<Collected> {
    Ok(world.coordinator().collect(&Tenant::local(), WEEK).await?)
}

async fn everything(world: &World) -> anyhow::Result<Vec<ObjectKey>> {
    let all = world.truth.list("local/", None, 10_000).await?;
    Ok(all.objects.into_iter().map(|object| object.key).collect())
}

async fn send_again(truth: &InMemoryObjectStore, document: &str) -> anyhow::Result<()> {
    let source = ObjectKey::source(&Tenant::local(), DocumentId::of(document.as_bytes()));
    Ok(truth.put(&source, Bytes::copy_from_slice(document.as_bytes())).await?)
}

async fn has(world: &World, document: &str) -> anyhow::Result<bool> {
    let source = ObjectKey::source(&Tenant::local(), DocumentId::of(document.as_bytes()));
    Ok(world.truth.head(&source).await?.is_some())
}

/// Every result of the job is there.
async fn assert_sound(world: &World, job: JobId) -> anyhow::Result<()> {
    let verified = world.coordinator().verify(&Tenant::local(), job).await?;
    assert!(verified.sound, "{verified:?}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_a_job_refers_to_stays_and_what_none_does_goes() -> anyhow::Result<()> {
    let world = World::new()?;
    let (first, second) =
        (done(&world, &["pages 9 a", "pages 2 b"]).await?, done(&world, &["pages 9 a"]).await?);
    world.truth.age(8 * DAY);

    let nothing = collect(&world).await?;
    remove(&world, first).await?;
    let one = collect(&world).await?;
    let kept = (has(&world, "pages 9 a").await?, has(&world, "pages 2 b").await?);
    assert_sound(&world, second).await?;
    remove(&world, second).await?;
    let rest = collect(&world).await?;

    assert_eq!((nothing.jobs, nothing.documents, nothing.results.used), (2, used(2), 3));
    assert_eq!(
        (one.documents.removed, one.results.removed, one.results.used, kept),
        (1, 1, 2, (true, false))
    );
    assert_eq!((rest.jobs, rest.documents.removed, rest.results.removed), (0, 1, 2));
    assert_eq!(everything(&world).await?, []);
    let began = Instant::now();
    let again = done(&world, &["pages 9 a", "pages 2 b"]).await?;
    assert!(began.elapsed() < Duration::from_millis(500), "progress tells of pages that are read again");
    assert_sound(&world, again).await
}

fn used(objects: u64) -> Swept {
    Swept { used: objects, ..Swept::default() }
}

#[tokio::test(start_paused = true)]
async fn what_is_young_stays_and_whoever_only_asks_deletes_nothing() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = done(&world, &["pages 9 a"]).await?;
    remove(&world, job).await?;

    let young = collect(&world).await?;
    world.truth.age(8 * DAY);
    let before = everything(&world).await?;
    let asked = world.coordinator().collect(&Tenant::local(), Collection { dry_run: true, ..WEEK }).await?;

    assert_eq!((young.documents, young.results.young), (Swept { young: 1, ..Swept::default() }, 2));
    assert_eq!((asked.documents.removed, asked.documents.bytes, asked.results.removed), (1, 9, 2));
    assert_eq!(everything(&world).await?, before);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_a_record_that_cannot_be_read_refers_to_is_not_known_so_all_stays() -> anyhow::Result<()> {
    let world = World::new()?;
    let (job, other) = (done(&world, &["pages 9 a"]).await?, done(&world, &["pages 2 b"]).await?);
    remove(&world, other).await?;
    world.truth.age(8 * DAY);
    let key = ObjectKey::job_spec(&Tenant::local(), job);
    let spec = world.truth.get(&key).await?;
    let newer = String::from_utf8(spec.to_vec())?.replace("quire.spec/1", "quire.spec/99");
    let unknown = "local/jobs/of-another-kind/spec.json".parse()?;
    let before = everything(&world).await?;

    for body in [Bytes::from_static(b"{"), Bytes::from(newer)] {
        world.truth.put(&key, body).await?;
        let refused = world.coordinator().collect(&Tenant::local(), WEEK).await;
        assert!(
            matches!(&refused, Err(CoordinatorError::Record { key: named, .. } | CoordinatorError::UnknownRecord(named)) if *named == key),
            "{refused:?}"
        );
    }
    world.truth.put(&key, spec).await?;
    world.truth.put(&unknown, Bytes::new()).await?;
    let refused = world.coordinator().collect(&Tenant::local(), WEEK).await;
    assert!(
        matches!(&refused, Err(CoordinatorError::UnknownRecord(named)) if *named == unknown),
        "{refused:?}"
    );
    world.truth.delete(&unknown).await?;

    assert_eq!(everything(&world).await?, before);
    assert_eq!(collect(&world).await?.documents.removed, 1, "it was garbage");
    Ok(())
}

/// Its manifest stays until the end, and whoever submits the job again gets that.
#[tokio::test(start_paused = true)]
async fn a_job_that_was_removed_in_part_keeps_what_it_refers_to() -> anyhow::Result<()> {
    let world = World::new()?;
    let job = done(&world, &["pages 9 a"]).await?;
    for key in [ObjectKey::job_plan(&Tenant::local(), job), ObjectKey::job_spec(&Tenant::local(), job)] {
        world.truth.delete(&key).await?;
    }
    world.truth.age(8 * DAY);

    let collected = collect(&world).await?;

    assert_eq!((collected.documents, collected.results), (used(1), used(2)));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_old_document_that_is_sent_again_is_as_good_as_new() -> anyhow::Result<()> {
    let world = World::new()?;
    let (tenant, document) = (Tenant::local(), DocumentId::of(b"pages 9 a"));
    let job = done(&world, &["pages 9 a"]).await?;
    remove(&world, job).await?;
    world.truth.age(8 * DAY);

    assert!(world.coordinator().has_source(&tenant, document).await?);
    world.truth.age(6 * DAY);
    let held = collect(&world).await?;
    world.truth.age(2 * DAY);
    let let_go = collect(&world).await?;

    assert_eq!((held.documents, held.results.removed), (used(1), 2), "results are for jobs to ask for");
    assert_eq!(let_go.documents.removed, 1);
    assert_eq!(everything(&world).await?, [], "no pin stays");
    assert!(!world.coordinator().has_source(&tenant, document).await?);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_flag_of_a_collection_that_died_is_in_the_way_for_half_a_minute_and_once() -> anyhow::Result<()> {
    let world = World::new()?;
    world.truth.put(&ObjectKey::sweep(&Tenant::local(), 1), Bytes::new()).await?;
    let started = Instant::now();

    world.submit(&["pages 2 a"]).await?;
    let first = started.elapsed();
    world.submit(&["pages 2 b"]).await?;

    assert!((29..32).contains(&first.as_secs()), "{first:?}");
    assert_eq!(started.elapsed(), first);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_service_collects_the_garbage_of_every_tenant() -> anyhow::Result<()> {
    let world = World::new()?;
    let sources = ["local", "other tenant", "z"].map(|name| {
        let tenant = Tenant::new(name).unwrap_or_else(|_| Tenant::local());
        ObjectKey::source(&tenant, DocumentId::of(b"pages 1 x"))
    });
    for source in &sources {
        world.truth.put(source, Bytes::from_static(b"pages 1 x")).await?;
    }
    world.truth.age(8 * DAY);
    let open = world.submit(&["pages 2 a"]).await?;

    let _serving = world.serve();
    tokio::time::sleep(Duration::from_secs(3700)).await;

    for source in &sources {
        assert_eq!(world.truth.head(source).await?, None, "{source}");
    }
    let _worker = world.worker(|_| Act::Work);
    world.finished(open).await?;
    Ok(())
}

/// A store that stops at the first `call` that is about something with `part` in its name, until it is let go.
fn stops_at(
    truth: &Arc<InMemoryObjectStore>,
    call: &'static str,
    part: &'static str,
) -> (Interleaved, watch::Receiver<bool>, watch::Sender<bool>) {
    let (reached, is_there) = watch::channel(false);
    let (let_go, go) = watch::channel(false);
    let wait = move |asked: &str, about: &str| {
        let stops = asked == call && about.contains(part) && !reached.send_replace(true);
        let mut go = go.clone();
        Box::pin(async move {
            if stops {
                drop(go.wait_for(|go| *go).await);
            }
        }) as futures_util::future::BoxFuture<'static, ()>
    };
    (Interleaved { inner: truth.clone(), wait: Box::new(wait) }, is_there, let_go)
}

/// A world with old garbage, the collection of which has stopped at this call.
async fn stopped_in_the_middle(
    call: &'static str,
    part: &'static str,
) -> anyhow::Result<(World, tokio::task::JoinHandle<anyhow::Result<Collected>>, watch::Sender<bool>)> {
    let truth = Arc::new(InMemoryObjectStore::new());
    let world = World::over(truth.clone(), truth.clone())?;
    let job = done(&world, &["pages 9 a"]).await?;
    remove(&world, job).await?;
    truth.age(8 * DAY);
    if part == "/results/" {
        // Nobody who submits waits for the sake of a young document.
        send_again(&truth, "pages 9 a").await?;
    }
    let (store, mut is_there, let_go) = stops_at(&truth, call, part);
    let slow = World::over(truth.clone(), Arc::new(store))?;
    let collecting = tokio::spawn(async move { collect(&slow).await });
    is_there.wait_for(|is_there| *is_there).await?;
    Ok((world, collecting, let_go))
}

#[tokio::test(start_paused = true)]
async fn a_job_that_comes_before_a_batch_keeps_what_it_refers_to() -> anyhow::Result<()> {
    // All jobs have been read by then.
    let (world, collecting, let_go) = stopped_in_the_middle("list", "/docs/").await?;
    let _worker = world.worker(|_| Act::Work);

    let job = world.submit(&["pages 9 a"]).await?;
    world.finish(job).await?;
    let_go.send_replace(true);
    let collected = collecting.await??;

    assert_eq!((collected.documents, collected.results), (used(1), used(2)));
    assert_sound(&world, job).await
}

#[tokio::test(start_paused = true)]
async fn a_job_that_comes_during_a_batch_waits_and_does_again_what_went() -> anyhow::Result<()> {
    for part in ["/docs/", "/results/"] {
        let (world, collecting, let_go) = stopped_in_the_middle("delete", part).await?;
        let _worker = world.worker(|_| Act::Work);
        let world = Arc::new(world);
        let before = world.worked();

        let submitting = tokio::spawn({
            let world = world.clone();
            async move { world.submit(&["pages 9 a"]).await }
        });
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(!submitting.is_finished(), "{part}: it waits for the batch");
        let_go.send_replace(true);
        let job = submitting.await??;
        let manifest = world.finish(job).await?;
        collecting.await??;

        assert!(has(&world, "pages 9 a").await?, "{part}");
        assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(9), "{part}");
        assert!(part != "/results/" || world.worked() > before, "what went was read again");
        assert_sound(&world, job).await?;
    }
    Ok(())
}

/// A process that was held up deletes nothing that somebody relies on who has waited long enough.
#[tokio::test(start_paused = true)]
async fn a_batch_that_is_held_up_deletes_nothing_more() -> anyhow::Result<()> {
    let (world, collecting, let_go) = stopped_in_the_middle("head", "/docs/").await?;

    let job = world.submit(&["pages 9 a"]).await?;
    let_go.send_replace(true);
    let collected = collecting.await??;

    assert_eq!((collected.documents.removed, collected.documents.left), (0, 1));
    assert!(has(&world, "pages 9 a").await?);
    let _worker = world.worker(|_| Act::Work);
    world.finish(job).await?;
    assert_sound(&world, job).await
}

/// Two collections, and whoever submits what they are deleting, with calls that take any time and in any order.
#[tokio::test(start_paused = true)]
async fn however_calls_interleave_no_job_misses_anything() -> anyhow::Result<()> {
    for seed in 0..60 {
        let truth = Arc::new(InMemoryObjectStore::new());
        let prompt = World::over(truth.clone(), truth.clone())?;
        let old = done(&prompt, &["pages 9 a", "pages 20 b", "pages 3 c"]).await?;
        remove(&prompt, old).await?;
        truth.age(8 * DAY);
        if seed % 2 == 0 {
            for document in ["pages 9 a", "pages 20 b", "pages 3 c"] {
                send_again(&truth, document).await?;
            }
        }
        let random = Mutex::new(fastrand::Rng::with_seed(seed));
        let wait = move |_: &str, _: &str| {
            let pause = random.lock().map(|mut random| random.u64(0..40)).unwrap_or_default();
            Box::pin(tokio::time::sleep(Duration::from_millis(pause)))
                as futures_util::future::BoxFuture<'static, ()>
        };
        let store = Arc::new(Interleaved { inner: truth.clone(), wait: Box::new(wait) });
        let world = Arc::new(World::over(truth, store)?);
        let _workers = [world.worker(|_| Act::Work), world.worker(|_| Act::Work)];

        let collecting = [(); 2].map(|()| {
            let world = world.clone();
            tokio::spawn(async move { collect(&world).await })
        });
        let mut submitting = Vec::new();
        for (number, documents) in
            [["pages 9 a", "pages 20 b"], ["pages 20 b", "pages 3 c"]].into_iter().enumerate()
        {
            let world = world.clone();
            submitting.push(tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(seed * 17 + number as u64 * 300)).await;
                let job = world.submit(&documents).await?;
                world.finish(job).await?;
                anyhow::Ok(job)
            }));
        }

        for collected in collecting {
            collected.await??;
        }
        for submitted in submitting {
            let job = submitted.await??;
            assert_sound(&world, job).await.map_err(|error| error.context(format!("seed {seed}")))?;
            let manifest = prompt.coordinator().manifest(&Tenant::local(), job).await?;
            assert!(
                !manifest.is_some_and(|manifest| manifest.documents.iter().any(|d| d.failure.is_some())),
                "seed {seed}"
            );
        }
    }
    Ok(())
}
