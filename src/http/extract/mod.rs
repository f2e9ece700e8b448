//! Extracts the arguments of handlers from requests. A handler that takes a permission cannot be
//! called without it.

mod access;
mod body;
pub mod credential;
mod fields;
pub(super) mod json_object;
mod mail;
mod passkeys;
pub mod request;
mod service;
mod user_id;

pub use access::{basic_pair, bearer, credentials, passkey_asker};
pub use body::{Authorized, Body, BodyKind, read_bytes};
pub use fields::{Fields, FromFields};
pub use mail::MailAvailable;
pub use passkeys::PasskeysAvailable;
pub use service::SigningAvailable;
pub use user_id::NamedUser;

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use super::client_address;
use super::error::ApiError;
use super::state::HttpState;
use crate::domain::client::Client;
use crate::flows::Auth;

/// The flows of this worker.
pub(super) fn auth(request: &HttpRequest) -> Result<web::Data<Auth>, ApiError> {
    let auth = request.app_data::<web::Data<Auth>>();
    auth.cloned().ok_or(ApiError::NotReady)
}

/// What the handlers share.
pub(super) fn state(request: &HttpRequest) -> Result<web::Data<HttpState>, ApiError> {
    let state = request.app_data::<web::Data<HttpState>>();
    state.cloned().ok_or(ApiError::NotReady)
}

impl FromRequest for Client {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(state(request).map(|state| client_address::client(request, &state)))
    }
}
