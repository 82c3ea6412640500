//! Documents in buckets, submitted from where they are.

use bytes::Bytes;
use quire_adapters::{S3Config, S3ObjectStore};
use quire_ports::ObjectStore;
use quire_test_servers::MemoryS3;
use serde_json::Value;

use crate::fleet::Fleet;

/// A server with these objects in a bucket that is not the fleet's, and its configuration where commands find it.
fn bucket(fleet: &Fleet, objects: &[(&str, &'static str)]) -> anyhow::Result<MemoryS3> {
    let server = MemoryS3::start("scans")?;
    let (endpoint, id, secret) = (server.endpoint(), MemoryS3::ACCESS_KEY, MemoryS3::SECRET_KEY);
    let config = S3Config {
        endpoint: Some(endpoint.parse()?),
        bucket: "scans".to_owned(),
        access_key: Some(id.to_owned()),
        secret_key: Some(secret.into()),
        ..S3Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = S3ObjectStore::connect(config).await?;
        for (key, content) in objects {
            store.put(&key.parse()?, Bytes::from(*content)).await?;
        }
        anyhow::Ok(())
    })?;
    let table = format!("[s3]\nendpoint = '{endpoint}'\naccess_key = '{id}'\nsecret_key = '{secret}'\n");
    fleet.input("quire.toml", &table);
    Ok(server)
}

#[test]
fn documents_of_a_bucket_are_submitted_and_others_are_said() {
    let fleet = Fleet::start();
    let _server = bucket(
        &fleet,
        &[
            ("in/a.pdf", "%PDF pages 3 a"),
            ("in/notes.txt", "no document"),
            ("in/sub/b.pdf", "%PDF pages 4 b"),
            ("in/text.pdf", "just text"),
        ],
    )
    .unwrap();

    let plan = fleet.says(0, &["submit", "s3://scans/in", "--dry-run"]);
    let ended = fleet.quire(&["submit", "s3://scans/in", "--wait", "--json"]);

    assert!(plan.contains("s3://scans/in/sub/b.pdf as sub/b.pdf") && !plan.contains("notes"), "{plan}");
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "one is no document: {stderr}");
    assert!(stderr.contains("s3://scans/in/notes.txt: left out"), "{stderr}");
    assert!(stderr.contains("s3://scans/in/text.pdf: not a document"), "{stderr}");
    let stdout = String::from_utf8(ended.stdout).unwrap();
    let status: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&status["documents"], &status["pages"]["done"]), (&2.into(), &7.into()), "{status}");
}

#[test]
fn what_is_wrong_with_a_bucket_is_said_before_anything_is_sent() {
    let fleet = Fleet::start();
    let server = bucket(&fleet, &[("in/a.pdf", "%PDF pages 3 a")]).unwrap();

    let nothing = fleet.quire(&["submit", "s3://scans/elsewhere"]);
    let nowhere = fleet.quire(&["submit", "s3://nowhere/in"]);
    let table =
        format!("[s3]\nendpoint = '{}'\naccess_key = 'id'\nsecret_key = 'wrong'\n", server.endpoint());
    fleet.input("quire.toml", &table);
    let refused = fleet.quire(&["submit", "s3://scans/in"]);

    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(nothing.status.code(), Some(4), "{}", said(&nothing));
    assert!(said(&nothing).contains("s3://scans/elsewhere: no pdf"), "{}", said(&nothing));
    assert_eq!(nowhere.status.code(), Some(1), "{}", said(&nowhere));
    assert!(said(&nowhere).contains("make the bucket nowhere, or name another"), "{}", said(&nowhere));
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    assert!(said(&refused).contains("give a key with rights to the bucket"), "{}", said(&refused));
    assert_eq!(fleet.says(0, &["list"]), "");
}
