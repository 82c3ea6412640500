//! Connections, and the faults between them and the service.

use std::{
    io,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::{
    Request, Response, StatusCode,
    body::{Frame, Incoming},
    header::CONTENT_LENGTH,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use s3s::{
    Body,
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use tokio::{net::TcpStream, sync::oneshot, time::sleep};

use super::{MemoryS3, faults::Dealer, objects::Objects, protocol::Bucket};

const SLOW_DOWN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
    <Error><Code>SlowDown</Code><Message>injected fault</Message></Error>";

/// What all connections share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) objects: Arc<Objects>,
    pub(super) faults: Dealer,
    pub(super) requests: AtomicU64,
    service: S3Service,
}

/// Why a connection ends in the middle.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("injected loss of reply")]
    ReplyLost,
    #[error("the service gave up")]
    Service,
    #[error(transparent)]
    Request(#[from] hyper::Error),
}

impl Shared {
    pub(super) fn new(bucket: &str) -> Self {
        let objects = Arc::new(Objects::default());
        let bucket = Bucket { name: bucket.to_owned(), objects: objects.clone() };
        let mut service = S3ServiceBuilder::new(bucket);
        service.set_auth(SimpleAuth::from_single(MemoryS3::ACCESS_KEY, MemoryS3::SECRET_KEY));
        Self { objects, faults: Dealer::new(), requests: AtomicU64::new(0), service: service.build() }
    }
}

/// Answers until `stopped`.
pub(super) async fn serve(listener: TcpListener, shared: Arc<Shared>, mut stopped: oneshot::Receiver<()>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    loop {
        tokio::select! {
            _ = &mut stopped => return,
            Ok((stream, _)) = listener.accept() => {
                tokio::spawn(converse(stream, shared.clone()));
            }
        }
    }
}

async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    // Head and body of an answer are two writes: the second must not wait until the first is acknowledged.
    drop(stream.set_nodelay(true));
    let answer = service_fn(move |request| answer(shared.clone(), request));
    // A client that goes away, and an injected fault, end a connection alike.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await);
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, Broken> {
    shared.requests.fetch_add(1, Ordering::Relaxed);
    let fate = shared.faults.next();
    sleep(fate.delay).await;
    if fate.refused {
        request.into_body().collect().await?;
        let mut refusal = Response::new(Body::from(Bytes::from_static(SLOW_DOWN.as_bytes())));
        *refusal.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        return Ok(refusal);
    }
    let response = shared.service.call(request.map(Body::from)).await.map_err(|_| Broken::Service)?;
    if fate.reply_lost {
        return Err(Broken::ReplyLost);
    }
    if fate.truncated { Ok(truncated(response).await) } else { Ok(response) }
}

/// The same answer, whose body breaks off in the middle.
async fn truncated(response: Response<Body>) -> Response<Body> {
    let (parts, body) = response.into_parts();
    let Ok(whole) = body.collect().await else { return Response::from_parts(parts, Body::empty()) };
    let whole = whole.to_bytes();
    if whole.is_empty() || !parts.headers.contains_key(CONTENT_LENGTH) {
        return Response::from_parts(parts, Body::from(whole));
    }
    let half = Frame::data(whole.slice(..whole.len() / 2));
    let broken = io::Error::other("injected truncation");
    let body = StreamBody::new(stream::iter([Ok(half), Err(broken)]));
    Response::from_parts(parts, Body::http_body_unsync(body))
}
