//! TLS is a matter of the address: whoever writes amqps, rediss or https speaks it from the first byte.

use std::{io::Read, net::TcpListener, thread::JoinHandle};

use quire_adapters::{
    RabbitMqConfig, RabbitMqJobQueue, RedisConfig, RedisProgressStore, S3Config, S3ObjectStore, s3::Secret,
};
use quire_ports::QueueLimits;

/// First byte of a TLS handshake.
const HANDSHAKE: u8 = 22;

/// A server that hangs up after the first byte of every connection, and tells the first one.
fn server() -> anyhow::Result<(String, JoinHandle<u8>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    let first = std::thread::spawn(move || {
        let mut first = [0];
        let (mut connection, _) = listener.accept().expect("somebody connects");
        connection.read_exact(&mut first).expect("somebody speaks");
        first[0]
    });
    Ok((address, first))
}

#[tokio::test(flavor = "multi_thread")]
async fn amqps_speaks_tls() -> anyhow::Result<()> {
    let (address, first) = server()?;
    let url = format!("amqps://user:hush@{address}/%2f").parse()?;

    let refused = RabbitMqJobQueue::connect(
        RabbitMqConfig { url, ..RabbitMqConfig::default() },
        QueueLimits::default(),
    )
    .await;

    assert!(refused.is_err());
    assert_eq!(first.join().unwrap(), HANDSHAKE);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rediss_speaks_tls() -> anyhow::Result<()> {
    let (address, first) = server()?;
    let url = format!("rediss://user:hush@{address}/").parse()?;

    let refused = RedisProgressStore::connect(RedisConfig { url, ..RedisConfig::default() }).await;

    assert!(refused.is_err());
    assert_eq!(first.join().unwrap(), HANDSHAKE);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn https_speaks_tls() -> anyhow::Result<()> {
    let (address, first) = server()?;
    let config = S3Config {
        endpoint: Some(format!("https://{address}").parse()?),
        access_key: Some("id".to_owned()),
        secret_key: Some(Secret::from("hush")),
        ..S3Config::default()
    };

    let refused = S3ObjectStore::connect(config).await;

    assert!(refused.is_err());
    assert_eq!(first.join().unwrap(), HANDSHAKE);
    Ok(())
}
