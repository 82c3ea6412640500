//! Random faults by seed: workers and coordinators die, messages double and vanish, the store fails.
//!
//! I1: every submitted page is in the committed manifest exactly once.
//! I2: what is read back is what the oracle says.
//! I3: a committed manifest never changes, and every job ends.
//!
//! `QUIRE_SEEDS` sets how many seeds are tried, `QUIRE_SEED` tries one.

use std::{sync::Arc, time::Duration};

use crate::support::{Act, Worker, World, pages_to};
use anyhow::Context;
use quire_adapters::{
    InMemoryObjectStore,
    decorators::{Faults, FaultyStore},
};
use quire_ports::ObjectStore;
use quire_proto::{JobId, ObjectKey, Tenant, manifest::Manifest};
use tokio_util::sync::CancellationToken;

const PAGES: [u32; 3] = [37, 8, 19];

#[test]
fn whatever_fails_every_page_is_in_one_manifest_once() -> anyhow::Result<()> {
    let number = |name: &str| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let seeds = match number("QUIRE_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("QUIRE_SEEDS").unwrap_or(200),
    };
    for seed in seeds {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
        runtime.block_on(one_life(seed)).with_context(|| format!("QUIRE_SEED={seed}"))?;
    }
    Ok(())
}

async fn one_life(seed: u64) -> anyhow::Result<()> {
    let mut random = fastrand::Rng::with_seed(seed);
    let truth = Arc::new(InMemoryObjectStore::new());
    // Every fourth life has a sound store and one coordinator, which must then reach the end by itself.
    let patient = seed.is_multiple_of(4);
    let faults =
        if patient { Faults::default() } else { Faults { refused: 0.03, reply_lost: 0.03, truncated: 0.01 } };
    let faulty = Arc::new(FaultyStore::new(truth.clone(), faults, seed));
    let healthy = World::over(truth.clone(), truth.clone())?;
    let job = healthy.submit(&["pages 37 a", "pages 8 b", "broken", "pages 19 c"]).await?;
    let world = World::over(truth, faulty)?;

    let manifest = if patient {
        let _workers = workers(&world, 1, &mut random);
        world.finish(job).await?
    } else {
        live(&world, job, &mut random).await?
    };

    let opened = manifest.documents.iter().filter(|document| document.failure.is_none());
    for (document, pages) in opened.zip(PAGES) {
        assert_eq!(world.read(document).await?, pages_to(pages), "seed {seed}");
        assert_eq!(document.ledger.submitted(), u64::from(pages), "seed {seed}");
    }
    assert_eq!(manifest.ledger.submitted(), 64, "seed {seed}");
    assert_eq!(manifest.ledger.pending, 0, "seed {seed}");

    // Whoever comes later, with workers still busy on doubled messages, finds the same manifest and the same pages.
    let _workers = workers(&world, 0, &mut random);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(healthy.finish(job).await?, manifest, "seed {seed}");
    let key = ObjectKey::job_manifest(&Tenant::local(), job);
    let committed = world.truth.get(&key).await?;
    assert_eq!(serde_json::from_slice::<Manifest>(&committed)?, manifest, "seed {seed}");
    assert_eq!(world.read(&manifest.documents[0]).await?, pages_to(PAGES[0]), "seed {seed}");
    Ok(())
}

/// Lets coordinators and workers live and die until one of them sees the end.
async fn live(world: &World, job: JobId, random: &mut fastrand::Rng) -> anyhow::Result<Manifest> {
    for _ in 0..2000 {
        let _workers = workers(world, 0, random);
        if random.u8(..) < 40 {
            world.progress.flush();
        }
        let patience = Duration::from_millis(random.u64(1..200_000));
        let one = world.run_until(job, CancellationToken::new());
        let other = async {
            if random.bool() {
                drop(world.run_until(job, CancellationToken::new()).await);
            }
        };
        // Both die when their time is up; an error of the store ends a coordinator too.
        drop(tokio::time::timeout(patience, async { tokio::join!(one, other) }).await);
        if let Ok(Some(manifest)) = world.coordinator().manifest(&Tenant::local(), job).await {
            return Ok(manifest);
        }
    }
    anyhow::bail!("the job does not end")
}

fn workers(world: &World, least: usize, random: &mut fastrand::Rng) -> Vec<Worker> {
    (0..random.usize(least..4))
        .map(|_| {
            let mut random = random.fork();
            world.worker(move |_| act(&mut random))
        })
        .collect()
}

fn act(random: &mut fastrand::Rng) -> Act {
    match random.u8(0..20) {
        0 | 1 => Act::Die,
        2 => Act::DieAfterPut,
        3 => Act::Lose,
        4 => Act::Corrupt,
        5 => Act::Drain,
        6 => Act::Unmarked,
        7 => Act::Retry,
        8 | 9 => Act::Double,
        _ => Act::Work,
    }
}
