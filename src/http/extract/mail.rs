//! Calls about mail do not exist where no mail is configured.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::super::error::ApiError;
use super::auth;

/// Mail is configured. As the first argument of a handler it is checked before anything else, so that
/// without mail every caller gets 404.
pub struct MailAvailable;

impl FromRequest for MailAvailable {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let available = auth(request).and_then(|auth| Ok(auth.require_mail().map(|_| Self)?));
        ready(available)
    }
}
