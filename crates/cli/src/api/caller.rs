//! Who calls: the token that opens the door, and the tenant whose jobs are meant.

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use quire_proto::Tenant;
use sha2::{Digest, Sha256};

use super::{Api, Problem};

/// Header that names the tenant; `local` when absent.
pub(crate) const TENANT: &str = "quire-tenant";

/// The tenant of a request.
pub(super) struct Caller(pub(super) Tenant);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(name) = parts.headers.get(TENANT) else { return Ok(Self(Tenant::local())) };
        let name = name.to_str().map_err(|_| Problem::bad_request("the tenant's name is not text"))?;
        Tenant::new(name).map(Self).map_err(|error| Problem::bad_request(error.to_string()))
    }
}

/// Lets nobody in without the token, if there is one.
pub(super) async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let wanted = api.0.token.as_ref().map(|token| Sha256::digest(token.expose()));
    let shown = shown(request.headers()).map(Sha256::digest);
    // Digests are compared, so the time that it takes tells nothing of the token.
    if wanted.is_none() || wanted == shown {
        return next.run(request).await;
    }
    let remedy =
        "send the header `Authorization: Bearer TOKEN`; the command takes it from QUIRE__CLIENT__TOKEN";
    Problem::new(StatusCode::UNAUTHORIZED, "no_token", "the token is missing or wrong", remedy)
        .into_response()
}

fn shown(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}
