//! Extracts who is calling, and with which permission.

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{FromRequest, HttpRequest};
use data_encoding::BASE64;

use super::super::client_address;
use super::super::cookies::CookieName;
use super::super::error::ApiError;
use super::{auth, state};
use crate::config::Mode;
use crate::flows::access::{Caller, Credentials, FactorSubmitter, Fresh, OpenSession, SignedIn};

type Pending<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// The token of an `Authorization: Bearer` header (RFC 6750, section 2.1); other schemes are
/// ignored. A header that cannot be read counts as an invalid token.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?;
    let value = value.as_bytes();
    let (scheme, token) = match value.iter().position(|byte| *byte == b' ') {
        Some(space) => value.split_at_checked(space)?,
        None => (value, &[][..]),
    };
    let is_bearer = scheme.eq_ignore_ascii_case(b"bearer");
    is_bearer.then(|| std::str::from_utf8(token).unwrap_or_default().trim())
}

/// The two parts of an `Authorization: Basic` header (RFC 7617, section 2).
pub fn basic_pair(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64.decode(encoded.trim().as_bytes()).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// The tokens that a request carries.
pub fn credentials(headers: &HeaderMap, mode: Mode) -> Credentials<'_> {
    Credentials {
        bearer: bearer(headers),
        session_cookie: CookieName::Session.read(headers, mode),
        login_cookie: CookieName::Login.read(headers, mode),
    }
}

async fn caller(request: &HttpRequest) -> Result<Caller, ApiError> {
    let (auth, state) = (auth(request)?, state(request)?);
    let credentials = credentials(request.headers(), state.mode);
    let client = client_address::client(request, &state);
    Ok(auth.identify(credentials, client).await?)
}

/// A caller who may ask for a passkey's signature. It is not an extractor, because the body may have a link's token
/// in its place.
///
/// # Errors
///
/// As for a second factor; an account without one is accepted.
pub async fn passkey_asker(request: &HttpRequest) -> Result<FactorSubmitter, ApiError> {
    Ok(caller(request).await?.into_passkey_asker()?)
}

impl FromRequest for OpenSession {
    type Error = ApiError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(caller(&request).await?.into_open_session()?) })
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Ok(caller(&request).await?.into_signed_in()?) })
    }
}

impl FromRequest for FactorSubmitter {
    type Error = ApiError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            caller(&request).await?.into_factor_submitter().map_err(ApiError::of_validate)
        })
    }
}

impl FromRequest for Fresh<OpenSession> {
    type Error = ApiError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, session) = (request.clone(), OpenSession::from_request(request, payload));
        Box::pin(async move { Ok(auth(&request)?.require_fresh(session.await?)?) })
    }
}

impl FromRequest for Fresh<SignedIn> {
    type Error = ApiError;
    type Future = Pending<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, session) = (request.clone(), SignedIn::from_request(request, payload));
        Box::pin(async move { Ok(auth(&request)?.require_fresh_signed_in(session.await?)?) })
    }
}
