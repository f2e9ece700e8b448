//! `POST /api/auth/passkeys/challenge`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::descriptor::DescriptorJson;
use super::{TIMEOUT, error, not_available};
use crate::flows::Auth;
use crate::flows::ask_for_passkey::PasskeyRequest;
use crate::flows::error::{AuthError as E, PasskeyError};
use crate::http::api::link_token::LinkToken;
use crate::http::error::ApiError;
use crate::http::extract::request::request;
use crate::http::extract::{Body, PasskeysAvailable, passkey_asker};

request! {
    /// What the passkey is to sign for: the caller's login or session, or a link.
    pub struct AskForPasskeyRequest {
        /// The token of a link that resets the password or says "This wasn't me". Then no other credential counts.
        token: Option<LinkToken>,
    }
    example {}
}

/// What `navigator.credentials.get()` needs, for `PublicKeyCredential.parseRequestOptionsFromJSON()`.
#[derive(Serialize, ToSchema)]
#[schema(as = PublicKeyCredentialRequestOptionsJSON)]
#[serde(rename_all = "camelCase")]
pub struct RequestOptions {
    /// 32 random bytes, in base64url. They are valid for five minutes, once, and for this login, session or link.
    #[schema(example = "q0bq8rJx2y6nGd1cVf4mZk5pTq7uXw9zA3sD6gH8jKl")]
    challenge: String,
    /// How long the browser waits for its user, in milliseconds.
    #[schema(example = 300_000)]
    timeout: u32,
    /// The host name that the passkeys are bound to.
    #[schema(example = "auth.example.com")]
    rp_id: String,
    /// The passkeys that may sign.
    allow_credentials: Vec<DescriptorJson>,
    /// Always `preferred`.
    #[schema(example = "preferred")]
    user_verification: &'static str,
}

impl RequestOptions {
    fn of(request: PasskeyRequest) -> Self {
        Self {
            challenge: request.challenge,
            timeout: TIMEOUT,
            rp_id: request.rp_id,
            allow_credentials: request.passkeys.iter().map(DescriptorJson::of).collect(),
            user_verification: "preferred",
        }
    }
}

pub fn errors() -> Vec<ApiError> {
    vec![
        not_available(),
        error(PasskeyError::NoneRegistered),
        E::MailNotAvailable.into(),
        E::MailTokenInvalid.into(),
    ]
}

/// Start using a passkey as a second factor
///
/// Returns what the browser needs to have a passkey sign: pass it to `navigator.credentials.get()`, and the outcome to
/// `passkeys/validate`, `reauthenticate`, `password/reset` or `secure`. A new challenge replaces the one before.
#[utoipa::path(
    post, path = "/api/auth/passkeys/challenge", tag = "Passkeys", operation_id = "askForPasskey",
    request_body = AskForPasskeyRequest,
    responses((status = 200, description = "The options.", body = RequestOptions)),
)]
pub async fn handle(
    _: PasskeysAvailable,
    auth: web::Data<Auth>,
    request: HttpRequest,
    body: Body<AskForPasskeyRequest>,
) -> Result<HttpResponse, ApiError> {
    let asked = match body.0.token {
        Some(token) => auth.ask_for_passkey_at_link(token.expose()).await?,
        None => auth.ask_for_passkey(passkey_asker(&request).await?).await?,
    };
    Ok(HttpResponse::Ok().json(RequestOptions::of(asked)))
}
