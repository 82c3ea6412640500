//! S3 over a server that fails: what is refused, late, lost or cut short is tried again, and nothing is left behind.

use std::{
    io::{Read, Seek},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use bytesize::ByteSize;
use futures_util::future::join_all;
use quire_adapters::{
    ConnectError, S3Config, S3ObjectStore,
    s3::{BucketReader, Conditions, Secret},
};
use quire_ports::{ObjectStore, Put, StoreError, contract};
use quire_proto::{DocumentId, ObjectKey, Tenant};
use quire_test_servers::{Faults, MemoryS3};

fn config(server: &MemoryS3) -> S3Config {
    S3Config {
        endpoint: Some(server.endpoint().parse().expect("an address")),
        access_key: Some(MemoryS3::ACCESS_KEY.to_owned()),
        secret_key: Some(Secret::from(MemoryS3::SECRET_KEY)),
        part_size: ByteSize::mib(5),
        attempts: 12.try_into().expect("not zero"),
        ..S3Config::default()
    }
}

async fn store(server: &MemoryS3) -> anyhow::Result<S3ObjectStore> {
    Ok(S3ObjectStore::connect(config(server)).await?)
}

fn source(digest: [u8; 32]) -> ObjectKey {
    ObjectKey::source(&Tenant::local(), DocumentId::from_digest(digest))
}

async fn keeps_the_contract_under(faults: Faults) -> anyhow::Result<()> {
    let server = MemoryS3::start("quire")?;
    let prefixes = AtomicU32::new(0);

    contract::object_store::is_kept(async || {
        // Whoever connects wants to know at once, so connecting is not tried again.
        server.set_faults(Faults::default());
        let prefix = format!("contract/{}/", prefixes.fetch_add(1, Ordering::Relaxed));
        let store = S3ObjectStore::connect(S3Config { prefix, ..config(&server) }).await?;
        server.set_faults(faults);
        Ok(Arc::new(store) as Arc<dyn ObjectStore>)
    })
    .await
}

#[tokio::test]
async fn the_contract_is_kept() -> anyhow::Result<()> {
    keeps_the_contract_under(Faults::default()).await
}

#[tokio::test]
async fn the_contract_is_kept_by_a_server_that_refuses_delays_and_cuts_short() -> anyhow::Result<()> {
    let delay = Duration::from_millis(5);

    keeps_the_contract_under(Faults { refused: 0.1, truncated: 0.1, delay, ..Faults::default() }).await
}

#[tokio::test]
async fn of_simultaneous_creators_one_wins() -> anyhow::Result<()> {
    let server = MemoryS3::start("quire")?;

    assert_eq!(store(&server).await?.probe().await?, Conditions::Kept);
    Ok(())
}

#[tokio::test]
async fn a_wrong_secret_is_refused() -> anyhow::Result<()> {
    let server = MemoryS3::start("quire")?;
    let wrong = S3Config { secret_key: Some(Secret::from("shout")), ..config(&server) };

    let refused = S3ObjectStore::connect(wrong).await;

    assert!(matches!(refused, Err(ConnectError::Refused { .. })), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn an_object_whose_reply_was_lost_is_there_once() -> anyhow::Result<()> {
    let server = MemoryS3::start("quire")?;
    let store = store(&server).await?;
    let keys: Vec<ObjectKey> =
        (0..16).map(|number| format!("t/{number}").parse()).collect::<Result<_, _>>()?;

    server.set_faults(Faults { reply_lost: 0.3, ..Faults::default() });
    // A creator whose reply was lost takes its own object for another's, which is there all the same.
    let puts = keys.iter().map(|key| store.put_if_absent(key, Bytes::from(key.to_string())));
    for put in join_all(puts).await {
        put?;
    }

    server.set_faults(Faults::default());
    for key in &keys {
        assert_eq!(store.put_if_absent(key, Bytes::from_static(b"second")).await?, Put::Exists);
        assert_eq!(store.get(key).await?, key.to_string());
    }
    Ok(())
}

#[tokio::test]
async fn a_large_file_arrives_whole_over_a_bad_connection() -> anyhow::Result<()> {
    let server = MemoryS3::start("quire")?;
    let store = store(&server).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("large");
    let content: Vec<u8> = (0..12u32 << 20).map(|index| (index >> 12) as u8).collect();
    std::fs::write(&path, &content)?;
    server.set_faults(Faults { refused: 0.2, reply_lost: 0.2, truncated: 0.3, ..Faults::default() });

    let stored = store.put_file(&path, &source).await?;
    let copy = store.fetch(&stored.key, folder.path()).await?;

    assert!(std::fs::read(copy.path())? == content);
    Ok(())
}

/// A server that takes its time, and a file that goes there in parts.
struct Slow {
    server: MemoryS3,
    store: S3ObjectStore,
    path: PathBuf,
    _folder: tempfile::TempDir,
}

/// Long enough for the upload to begin, too short for its parts.
const BEGUN_AFTER: Duration = Duration::from_millis(900);

impl Slow {
    async fn start() -> anyhow::Result<Self> {
        let server = MemoryS3::start("quire")?;
        let store = store(&server).await?;
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("large");
        std::fs::write(&path, vec![7; 12 << 20])?;
        server.set_faults(Faults { delay: Duration::from_millis(300), ..Faults::default() });
        Ok(Self { server, store, path, _folder: folder })
    }
}

#[tokio::test]
async fn a_cancelled_upload_leaves_nothing_behind() -> anyhow::Result<()> {
    let Slow { server, store, path, _folder } = Slow::start().await?;

    let upload = tokio::time::timeout(BEGUN_AFTER, store.put_file(&path, &source)).await;

    assert!(upload.is_err(), "the upload was quicker than this test thinks");
    assert_eq!(server.unfinished_uploads(), 1);
    server.set_faults(Faults::default());
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while server.unfinished_uploads() > 0 {
        assert!(tokio::time::Instant::now() < deadline, "the upload was not aborted");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// As after the death of a writer, which nobody aborts.
#[tokio::test]
async fn an_upload_that_nobody_goes_on_with_is_found_and_removed() -> anyhow::Result<()> {
    let Slow { server, store, path, _folder } = Slow::start().await?;
    let mut upload = std::pin::pin!(store.put_file(&path, &source));
    assert!(tokio::time::timeout(BEGUN_AFTER, &mut upload).await.is_err());

    let unfinished = store.unfinished("local/").await?;
    store.abandon(&unfinished[0]).await?;
    store.abandon(&unfinished[0]).await?;

    assert_eq!((unfinished.len(), server.unfinished_uploads()), (1, 0));
    assert_eq!(store.unfinished("other/").await?, []);
    assert!(upload.await.is_err(), "its writer is told");
    Ok(())
}

#[tokio::test]
async fn a_server_that_stays_away_is_reported_within_the_limit() -> anyhow::Result<()> {
    let server = MemoryS3::start("quire")?;
    let limits = S3Config { operation_within: Duration::from_secs(2), ..config(&server) };
    let store = S3ObjectStore::connect(limits).await?;
    server.set_faults(Faults { refused: 1.0, ..Faults::default() });
    let started = tokio::time::Instant::now();

    let put = store.put_if_absent(&"t/x".parse()?, Bytes::from_static(b"x")).await;

    assert!(matches!(put, Err(StoreError::Unavailable(_))), "{put:?}");
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    Ok(())
}

/// S3 names a thousand objects at a time.
#[tokio::test]
async fn a_bucket_of_more_than_one_listing_is_listed_to_its_end() -> anyhow::Result<()> {
    let server = MemoryS3::start("quire")?;
    let store = store(&server).await?;
    let names: Vec<String> = (0..2001).map(|number| format!("{number:04}.pdf")).collect();
    for some in names.chunks(64) {
        let puts = some
            .iter()
            .map(async |name| anyhow::Ok(store.put(&format!("in/{name}").parse()?, Bytes::new()).await?));
        let puts = join_all(puts).await;
        puts.into_iter().collect::<anyhow::Result<()>>()?;
    }
    let reader = BucketReader::new(&config(&server), "quire").await?;

    let listed = reader.list("in").await?;
    let (first, rest) = (store.list("in/", None, 1500).await?, names[1500..].to_vec());
    let after = store.list("in/", first.objects.last().map(|object| &object.key), 1500).await?;

    assert!(listed.iter().map(|object| &object.name).eq(&names), "{} objects", listed.len());
    assert_eq!((first.objects.len(), first.more, after.more), (1500, true, false));
    assert!(after.objects.iter().map(|object| object.key.as_str()[3..].to_owned()).eq(rest));
    Ok(())
}

#[tokio::test]
async fn documents_of_a_bucket_are_listed_and_come_whole_from_a_server_that_cuts_short() -> anyhow::Result<()>
{
    let server = MemoryS3::start("quire")?;
    let store = store(&server).await?;
    let content = Bytes::from(vec![7; 100_000]);
    for key in ["in/a.pdf", "in/sub/b.pdf", "in-another/c.pdf"] {
        store.put(&key.parse()?, content.clone()).await?;
    }
    let reader = BucketReader::new(&config(&server), "quire").await?;

    let (folder, one) = (reader.list("in").await?, reader.list("in/sub/b.pdf").await?);
    server.set_faults(Faults { refused: 0.1, truncated: 0.2, ..Faults::default() });
    let mut copy = reader.fetch(&folder[1].key).await?;

    let names: Vec<&str> = folder.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(names, ["a.pdf", "sub/b.pdf"]);
    assert_eq!((one.len(), one[0].name.as_str(), one[0].bytes), (1, "b.pdf", 100_000));
    let mut copied = Vec::new();
    copy.rewind()?;
    copy.read_to_end(&mut copied)?;
    assert!(copied == content);
    Ok(())
}
