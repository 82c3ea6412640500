//! S3: the contract, large files, and what happens when the server is not what it should be.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use bytesize::ByteSize;
use quire_adapters::{
    ConnectError, S3Config, S3ObjectStore,
    s3::{Conditions, Secret},
};
use quire_ports::{ObjectStore, Put, StoreError, contract};
use quire_proto::{DocumentId, ObjectKey, Tenant};
use quire_test_servers::S3;

fn config(endpoint: &str) -> S3Config {
    S3Config {
        endpoint: Some(endpoint.parse().expect("an address")),
        access_key: Some("id".to_owned()),
        secret_key: Some(Secret::from("hush")),
        part_size: ByteSize::mib(5),
        ..S3Config::default()
    }
}

fn source(digest: [u8; 32]) -> ObjectKey {
    ObjectKey::source(&Tenant::local(), DocumentId::from_digest(digest))
}

fn server() -> anyhow::Result<S3> {
    let server = S3::start()?;
    server.make_bucket("quire")?;
    Ok(server)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_in_s3_keeps_the_contract() -> anyhow::Result<()> {
    let server = server()?;
    let prefixes = AtomicU32::new(0);

    contract::object_store::is_kept(async || {
        let prefix = format!("contract/{}/", prefixes.fetch_add(1, Ordering::Relaxed));
        let config = S3Config { prefix, ..config(&server.endpoint()) };
        Ok(Arc::new(S3ObjectStore::connect(config).await?) as Arc<dyn ObjectStore>)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_keeps_its_conditions_is_found_to() -> anyhow::Result<()> {
    let server = server()?;
    let store = S3ObjectStore::connect(config(&server.endpoint())).await?;

    assert_eq!(store.probe().await?, Conditions::Kept);

    assert_eq!(store.list("probe/", None, 10).await?.objects, [], "the probe leaves nothing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ignores_its_conditions_is_found_out() -> anyhow::Result<()> {
    let server = S3::start_without_conditions()?;
    server.make_bucket("quire")?;
    let store = S3ObjectStore::connect(config(&server.endpoint())).await?;

    assert_eq!(store.probe().await?, Conditions::Ignored);

    let key = "t/x".parse()?;
    assert_eq!(store.put_if_absent(&key, Bytes::from_static(b"first")).await?, Put::Created);
    assert_eq!(store.put_if_absent(&key, Bytes::from_static(b"second")).await?, Put::Exists);
    assert_eq!(store.get(&key).await?, "first");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_arrives_whole_and_once() -> anyhow::Result<()> {
    let server = server()?;
    let store = S3ObjectStore::connect(config(&server.endpoint())).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("large");
    let content: Vec<u8> = (0..12u32 << 20).map(|index| (index >> 12) as u8).collect();
    std::fs::write(&path, &content)?;

    let first = store.put_file(&path, &source).await?;
    let second = store.put_file(&path, &source).await?;

    assert_eq!((first.bytes, first.put, second.put), (12 << 20, Put::Created, Put::Exists));
    let copy = store.fetch(&first.key, folder.path()).await?;
    assert!(std::fs::read(copy.path())? == content);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_bucket_is_named_and_lasts_no_longer_than_it_is_missing() -> anyhow::Result<()> {
    let mut server = server()?;
    let store = S3ObjectStore::connect(config(&server.endpoint())).await?;

    server.restart()?;

    let refused = S3ObjectStore::connect(config(&server.endpoint())).await;
    assert!(matches!(refused, Err(ConnectError::Refused { .. })), "{refused:?}");
    assert!(refused.unwrap_err().to_string().ends_with("make the bucket quire, or set bucket of [s3]"));
    let key = "t/x".parse()?;
    assert!(
        matches!(store.get(&key).await, Err(StoreError::Refused { .. })),
        "no bucket is not a missing object"
    );
    server.make_bucket("quire")?;
    assert!(matches!(store.get(&key).await, Err(StoreError::Missing(_))));
    Ok(())
}

#[tokio::test]
async fn an_unreachable_server_is_named_without_its_secret() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    for address in ["127.0.0.1:1".to_owned(), silent.local_addr().unwrap().to_string()] {
        let started = Instant::now();

        let refused = S3ObjectStore::connect(config(&format!("http://{address}"))).await;

        let error = format!("{:#}", anyhow::Error::from(refused.unwrap_err()));
        assert!(started.elapsed() < Duration::from_secs(10), "{error}");
        assert!(error.contains(&format!("s3 at {address}/quire cannot be reached: start it")), "{error}");
        assert!(!error.contains("hush"), "{error}");
    }
}
