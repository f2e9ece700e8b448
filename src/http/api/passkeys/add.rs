//! `POST /api/auth/passkeys`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error, not_available};
use crate::domain::passkey::ceremony::Attestation;
use crate::domain::passkey::name::PasskeyName;
use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::flows::error::PasskeyError as E;
use crate::http::api::otp::{renew_recovery_codes, shown};
use crate::http::cookies;
use crate::http::error::ApiError;
use crate::http::extract::credential::CredentialJson;
use crate::http::extract::request::request;
use crate::http::extract::{Authorized, PasskeysAvailable};
use crate::http::state::HttpState;
use crate::views::PasskeyJson;

request! {
    /// A new passkey.
    pub struct AddPasskeyRequest {
        /// Its name. Without one it is named after the authenticator.
        name: Option<PasskeyName>,
        /// The outcome of `navigator.credentials.create()`, as its `toJSON()` returns it.
        credential: CredentialJson<Attestation>,
    }
    example {
        "name": "Ada's laptop",
        "credential": {
            "id": "MmYDNYhBDjQ4h7qXk1s9Vw", "rawId": "MmYDNYhBDjQ4h7qXk1s9Vw", "type": "public-key",
            "response": { "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0", "attestationObject": "o2NmbXRkbm9uZQ" }
        }
    }
}

/// The passkey was added.
#[derive(Serialize, ToSchema)]
pub struct PasskeyAdded {
    /// The passkey.
    passkey: PasskeyJson,
    /// With the first second factor of an account: ten recovery codes, shown only once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = renew_recovery_codes::ten_codes, required = false)]
    recovery_codes: Option<Vec<String>>,
    /// With the first second factor: the session's new token, for a Bearer caller; other callers get a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
}

pub fn errors() -> Vec<ApiError> {
    vec![not_available(), error(E::Invalid), error(E::Exists), error(E::TooMany)]
}

/// Add a passkey
///
/// Adds the passkey that the browser made with the options of this session, which work once. If it is the account's
/// first second factor, two-factor authentication is on afterwards, every other session ends, and this one gets a
/// new token.
#[utoipa::path(
    post, path = "/api/auth/passkeys", tag = "Passkeys", operation_id = "addPasskey",
    request_body = AddPasskeyRequest,
    responses((
        status = 201, description = "The passkey was added.", body = PasskeyAdded,
        headers((
            "Set-Cookie" = String,
            description = "With the first second factor: the session's new token."
        )),
    )),
)]
pub async fn handle(
    _: PasskeysAvailable,
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<Fresh<SignedIn>, AddPasskeyRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, AddPasskeyRequest { name, credential }) = authorized;
    let added = auth.add_passkey(caller, credential.0.as_ref(), name.as_ref()).await?;
    let mut answer = HttpResponse::Created();
    let (recovery_codes, token) = match &added.first {
        None => (None, None),
        Some(first) => {
            let token = cookies::hand_out(&mut answer, &state, first.carrier, &first.token);
            (Some(shown(&first.recovery_codes)), token.map(str::to_owned))
        }
    };
    let passkey = PasskeyJson::of(&added.passkey);
    Ok(answer.json(PasskeyAdded { passkey, recovery_codes, token }))
}
