//! Calls about passkeys do not exist where browsers make none.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::super::error::ApiError;
use super::auth;

/// There is a relying party. As the first argument of a handler it is checked before anything else, so that at an
/// IP address every caller gets 404.
pub struct PasskeysAvailable;

impl FromRequest for PasskeysAvailable {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(auth(request).and_then(|auth| Ok(auth.require_relying_party().map(|_| Self)?)))
    }
}
