//! The promises of an [`ObjectStore`].

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, SystemTime},
};

use anyhow::Context;
use bytes::Bytes;
use futures_util::future::join_all;
use quire_proto::{DocumentId, ObjectKey, Tenant};
use sha2::{Digest, Sha256};

use crate::{ObjectStore, Put, StoreError};

type Store = Arc<dyn ObjectStore>;

/// Runs the suite; `fresh` makes an empty store.
pub async fn is_kept<F>(fresh: impl Fn() -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<Store>>,
{
    what_was_put_is_got(fresh().await?).await?;
    a_missing_object_is_missing_everywhere(fresh().await?).await?;
    put_replaces(fresh().await?).await?;
    the_first_creator_stays(fresh().await?).await?;
    of_many_creators_one_wins(fresh().await?).await?;
    deleting_twice_is_deleting_once(fresh().await?).await?;
    a_listing_is_sorted_and_paged(fresh().await?).await?;
    a_listing_ends_where_the_folder_ends(fresh().await?).await?;
    a_listing_of_all_goes_over_all_tenants(fresh().await?).await?;
    an_object_has_the_age_of_its_last_writing(fresh().await?).await?;
    a_file_is_named_by_its_digest(fresh().await?).await?;
    a_fetched_file_holds_the_object(fresh().await?).await?;
    an_unreadable_input_is_named(fresh().await?).await
}

fn key(text: &str) -> anyhow::Result<ObjectKey> {
    Ok(text.parse()?)
}

fn by_digest(digest: [u8; 32]) -> ObjectKey {
    ObjectKey::source(&Tenant::local(), DocumentId::from_digest(digest))
}

async fn what_was_put_is_got(store: Store) -> anyhow::Result<()> {
    for body in [Bytes::from_static(b"content"), Bytes::new(), Bytes::from(vec![7; 3 << 20])] {
        let key = key(&format!("t/objects/of-{}", body.len()))?;

        store.put(&key, body.clone()).await?;

        assert_eq!(store.get(&key).await?, body);
        assert_eq!(store.head(&key).await?.context("head")?.bytes, body.len() as u64);
    }
    Ok(())
}

async fn a_missing_object_is_missing_everywhere(store: Store) -> anyhow::Result<()> {
    let absent = key("t/a/absent")?;
    let scratch = tempfile::tempdir()?;

    assert!(matches!(store.get(&absent).await, Err(StoreError::Missing(missing)) if missing == absent));
    assert!(matches!(store.fetch(&absent, scratch.path()).await, Err(StoreError::Missing(_))));
    assert_eq!(store.head(&absent).await?, None);
    assert_eq!(store.list("t/a/", None, 10).await?.objects, []);
    Ok(())
}

async fn put_replaces(store: Store) -> anyhow::Result<()> {
    let key = key("t/x")?;

    store.put(&key, Bytes::from_static(b"old")).await?;
    store.put(&key, Bytes::from_static(b"new")).await?;

    assert_eq!(store.get(&key).await?, "new");
    Ok(())
}

async fn the_first_creator_stays(store: Store) -> anyhow::Result<()> {
    let key = key("t/x")?;

    assert_eq!(store.put_if_absent(&key, Bytes::from_static(b"first")).await?, Put::Created);
    assert_eq!(store.put_if_absent(&key, Bytes::from_static(b"second")).await?, Put::Exists);

    assert_eq!(store.get(&key).await?, "first");
    Ok(())
}

async fn of_many_creators_one_wins(store: Store) -> anyhow::Result<()> {
    let key = key("t/contested")?;

    let puts = (0..32u8).map(|creator| {
        let (store, key) = (store.clone(), key.clone());
        async move { (creator, store.put_if_absent(&key, Bytes::from(vec![creator; 4096])).await) }
    });
    let mut winners = Vec::new();
    for (creator, put) in join_all(puts).await {
        if put? == Put::Created {
            winners.push(creator);
        }
    }

    assert_eq!(winners.len(), 1, "{winners:?} all believe that they created it");
    assert_eq!(store.get(&key).await?, vec![winners[0]; 4096]);
    Ok(())
}

async fn deleting_twice_is_deleting_once(store: Store) -> anyhow::Result<()> {
    let key = key("t/x")?;
    store.put(&key, Bytes::from_static(b"x")).await?;

    store.delete(&key).await?;
    store.delete(&key).await?;

    assert_eq!(store.head(&key).await?, None);
    assert_eq!(store.put_if_absent(&key, Bytes::from_static(b"y")).await?, Put::Created);
    Ok(())
}

async fn a_listing_is_sorted_and_paged(store: Store) -> anyhow::Result<()> {
    // A hyphen and a dot sort before the slash: folders and files are one order.
    let mut keys = ["t/r/b", "t/r/a/1", "t/r/a-b/1", "t/r/a/2", "t/r/a.c", "t/r/a0", "t/r/a/3/x"];
    for text in keys {
        store.put(&key(text)?, Bytes::from_static(b"x")).await?;
    }
    keys.sort_unstable();

    for limit in [1, 2, 3, 100] {
        let mut seen = Vec::new();
        loop {
            let page = store.list("t/r/", seen.last(), limit).await?;
            assert!(page.objects.len() <= limit);
            seen.extend(page.objects.into_iter().map(|object| object.key));
            if !page.more {
                break;
            }
        }
        assert_eq!(seen.iter().map(ObjectKey::as_str).collect::<Vec<_>>(), keys, "pages of {limit}");
    }
    Ok(())
}

async fn a_listing_ends_where_the_folder_ends(store: Store) -> anyhow::Result<()> {
    for text in ["t/e1/x", "t/e10/x", "u/e1/x"] {
        store.put(&key(text)?, Bytes::from_static(b"x")).await?;
    }

    let listed = store.list("t/e1/", None, 10).await?;

    assert_eq!(listed.objects.iter().map(|o| o.key.as_str()).collect::<Vec<_>>(), ["t/e1/x"]);
    Ok(())
}

async fn a_listing_of_all_goes_over_all_tenants(store: Store) -> anyhow::Result<()> {
    let keys = ["t-1/x", "t/a/x", "t/b", "t0/x"];
    for text in keys {
        store.put(&key(text)?, Bytes::from_static(b"x")).await?;
    }

    let all = store.list("", None, 10).await?;
    let rest = store.list("", Some(&key("t0")?), 10).await?;

    assert_eq!(all.objects.iter().map(|o| o.key.as_str()).collect::<Vec<_>>(), keys);
    assert_eq!(rest.objects.iter().map(|o| o.key.as_str()).collect::<Vec<_>>(), ["t0/x"]);
    Ok(())
}

/// Whoever deletes what is old must not take the new for it.
async fn an_object_has_the_age_of_its_last_writing(store: Store) -> anyhow::Result<()> {
    let key = key("t/x")?;
    let age = async || {
        let (head, listed) = (store.head(&key).await?, store.list("t/", None, 1).await?);
        let (head, listed) = (head.context("head")?, listed.objects.into_iter().next().context("listed")?);
        let apart = |one: SystemTime, other: SystemTime| {
            one.duration_since(other).unwrap_or_else(|error| error.duration())
        };
        assert!(apart(head.modified, listed.modified) < Duration::from_secs(1), "{head:?}, {listed:?}");
        assert!(apart(head.modified, SystemTime::now()) < Duration::from_secs(60), "{head:?}");
        anyhow::Ok(head.modified)
    };
    store.put(&key, Bytes::from_static(b"x")).await?;
    let first = age().await?;

    // Longer than the second to which some stores say it.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(store.put_if_absent(&key, Bytes::from_static(b"y")).await?, Put::Exists);
    assert_eq!(age().await?, first, "it was not written");
    store.put(&key, Bytes::from_static(b"y")).await?;

    assert!(age().await? > first, "it was written again");
    Ok(())
}

async fn a_file_is_named_by_its_digest(store: Store) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("input");
    let content = vec![3; 1 << 20];
    std::fs::write(&path, &content)?;

    let first = store.put_file(&path, &by_digest).await?;
    let second = store.put_file(&path, &by_digest).await?;

    let digest: [u8; 32] = Sha256::digest(&content).into();
    assert_eq!((first.sha256, first.bytes, first.put), (digest, 1 << 20, Put::Created));
    assert_eq!((&second.key, second.put), (&first.key, Put::Exists));
    assert_eq!(first.key, by_digest(digest));
    assert_eq!(store.get(&first.key).await?, content);
    Ok(())
}

async fn a_fetched_file_holds_the_object(store: Store) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir()?;
    let key = key("t/x")?;
    store.put(&key, Bytes::from_static(b"content")).await?;

    let file = store.fetch(&key, scratch.path()).await?;
    assert_eq!(std::fs::read(file.path())?, b"content");
    drop(file);

    assert_eq!(std::fs::read_dir(scratch.path())?.count(), 0, "scratch is left clean");
    assert_eq!(store.get(&key).await?, "content");
    Ok(())
}

async fn an_unreadable_input_is_named(store: Store) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;

    let absent = store.put_file(&folder.path().join("absent"), &by_digest).await;
    let directory = store.put_file(folder.path(), &by_digest).await;

    assert!(matches!(absent, Err(StoreError::Input { .. })));
    assert!(matches!(directory, Err(StoreError::Input { .. })));
    Ok(())
}
