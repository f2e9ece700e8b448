//! `GET /.well-known/jwks.json`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::flows::Auth;
use crate::flows::error::{AuthError, TokenError};
use crate::http::error::ApiError;

/// The path, which pages of any origin may read.
pub const PATH: &str = "/.well-known/jwks.json";

/// How long clients may keep the keys. `docs/operations.md` has this time in the rotation of keys.
const CACHING: &str = "public, max-age=300";

/// The keys that tokens are verified with (RFC 7517, section 5).
#[derive(Serialize, ToSchema)]
pub struct JsonWebKeySet {
    /// The keys; the first one signs.
    keys: Vec<JsonWebKey>,
}

/// A public key (RFC 7517, section 4; RFC 7518, section 6.2.1).
#[derive(Serialize, ToSchema)]
pub struct JsonWebKey {
    /// Always `EC`.
    #[schema(example = "EC")]
    kty: &'static str,
    /// Always `P-256`.
    #[schema(example = "P-256")]
    crv: &'static str,
    /// The first coordinate of the key.
    #[schema(example = "hXHU7iOLHiXAz81mMI3BaFdgW46ATzm7by-u5cXR6Fc")]
    x: String,
    /// The second coordinate of the key.
    #[schema(example = "dnZwZNpKzwanpZXaz-6pLwcnyrJCjwg7U0UYqbXXgHM")]
    y: String,
    /// The thumbprint of the key (RFC 7638), which tokens name it by.
    #[schema(example = "o1Z7xk3bTq0m5cVJ8sYw2LrE9uNfHdPgKiAaBtCvXyM")]
    kid: String,
    /// Always `sig`.
    #[serde(rename = "use")]
    #[schema(example = "sig")]
    usage: &'static str,
    /// Always `ES256`.
    #[schema(example = "ES256")]
    alg: &'static str,
}

pub fn errors() -> Vec<ApiError> {
    vec![AuthError::from(TokenError::NotAvailable).into()]
}

/// Get the public keys
///
/// The keys that verify tokens from `/api/auth/token`. Pages of any origin may read them.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "Other services", operation_id = "getSigningKeys",
    responses((status = 200, description = "The keys.", body = JsonWebKeySet)),
)]
pub async fn handle(auth: web::Data<Auth>) -> Result<HttpResponse, ApiError> {
    let keys = auth.published_keys()?.map(|key| JsonWebKey {
        kty: "EC",
        crv: "P-256",
        x: key.x.clone(),
        y: key.y.clone(),
        kid: key.kid.clone(),
        usage: "sig",
        alg: "ES256",
    });
    let keys = JsonWebKeySet { keys: keys.collect() };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, CACHING)).json(keys))
}
