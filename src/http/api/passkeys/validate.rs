//! `POST /api/auth/passkeys/validate`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error, not_available};
use crate::domain::passkey::ceremony::Assertion;
use crate::flows::Auth;
use crate::flows::access::FactorSubmitter;
use crate::flows::error::PasskeyError;
use crate::http::cookies;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::credential::CredentialJson;
use crate::http::extract::request::request;
use crate::http::extract::{Authorized, PasskeysAvailable};
use crate::http::state::HttpState;

request! {
    /// A passkey as a second factor.
    pub struct SubmitPasskeyRequest {
        /// The outcome of `navigator.credentials.get()`, as its `toJSON()` returns it.
        credential: CredentialJson<Assertion>,
        /// Whether to trust this device: logins on it need no second factor for `DEVICE_LIFETIME`, 30 days unless the
        /// operator set another. It counts only when the passkey completes a login.
        remember_device: Option<bool>,
    }
    example {
        "credential": {
            "id": "MmYDNYhBDjQ4h7qXk1s9Vw", "rawId": "MmYDNYhBDjQ4h7qXk1s9Vw", "type": "public-key",
            "response": {
                "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0",
                "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4", "signature": "MEUCIQDx"
            }
        }
    }
}

/// The passkey is right.
#[derive(Serialize, ToSchema)]
pub struct PasskeyAccepted {
    /// Always true.
    passkey_valid: bool,
    /// The session's new token, if it was raised to the second level and its token was sent in a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

pub fn errors() -> Vec<ApiError> {
    vec![not_available(), error(PasskeyError::Invalid), too_many_attempts()]
}

/// Submit a passkey as a second factor
///
/// Completes a login: opens a session and sets its cookie. The session of a trusted device is raised to the second
/// level, under a new token. Within other sessions it checks the passkey; nothing else changes. The challenge comes from `passkeys/challenge` and works once, also if the passkey is refused. Five that
/// are refused end the login or the session.
#[utoipa::path(
    post, path = "/api/auth/passkeys/validate", tag = "Passkeys", operation_id = "submitPasskey",
    request_body = SubmitPasskeyRequest,
    responses((
        status = 200, description = "The passkey is right.", body = PasskeyAccepted,
        headers(("Set-Cookie" = String, description = "The session, if a login was completed.")),
    )),
)]
pub async fn handle(
    _: PasskeysAvailable,
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<FactorSubmitter, SubmitPasskeyRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(submitter, SubmitPasskeyRequest { credential, remember_device }) = authorized;
    let (factor, trusts_device) = (credential.into_factor(), remember_device.unwrap_or_default());
    let accepted = auth.submit_second_factor(submitter, &factor, trusts_device).await;
    let accepted = accepted.map_err(ApiError::of_validate)?;
    let mut answer = HttpResponse::Ok();
    let token = cookies::hand_out_accepted(&mut answer, &state, &accepted);
    Ok(answer.json(PasskeyAccepted { passkey_valid: true, token }))
}
