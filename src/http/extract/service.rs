//! Calls about tokens for other services, and who calls them.

use std::future::{Ready, ready};
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::super::client_address;
use super::super::error::ApiError;
use super::{auth, basic_pair, state};
use crate::flows::tokens::Service;

/// Tokens can be signed. As the first argument of a handler it is checked before anything else, so that without keys
/// every caller gets 404.
pub struct SigningAvailable;

impl FromRequest for SigningAvailable {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let available = auth(request).and_then(|auth| Ok(auth.require_signing().map(|_| Self)?));
        ready(available)
    }
}

impl FromRequest for Service {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let (auth, state) = (auth(&request)?, state(&request)?);
            let pair = basic_pair(request.headers());
            let presented = pair.as_ref().map(|(name, secret)| (name.as_str(), secret.as_str()));
            let client = client_address::client(&request, &state);
            Ok(auth.authenticate_service(presented, &client).await?)
        })
    }
}
