//! `POST /api/auth/passkeys/sign-in/options`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{TIMEOUT, not_available};
use crate::flows::Auth;
use crate::http::cookies;
use crate::http::error::ApiError;
use crate::http::extract::PasskeysAvailable;
use crate::http::state::HttpState;

/// What `navigator.credentials.get()` needs to find a passkey of any account, for
/// `PublicKeyCredential.parseRequestOptionsFromJSON()`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PasskeySignInOptions {
    /// 32 random bytes, in base64url. They are valid for five minutes, once, and in this browser.
    #[schema(example = "q0bq8rJx2y6nGd1cVf4mZk5pTq7uXw9zA3sD6gH8jKl")]
    challenge: String,
    /// How long the browser waits for its user, in milliseconds.
    #[schema(example = 300_000)]
    timeout: u32,
    /// The host name that the passkey is bound to.
    #[schema(example = "auth.example.com")]
    rp_id: String,
    /// Always `preferred`. A passkey that does not verify its user cannot sign in alone.
    #[schema(example = "preferred")]
    user_verification: &'static str,
}

pub fn errors() -> Vec<ApiError> {
    vec![not_available()]
}

/// Start signing in with a passkey
///
/// Returns what the browser needs to find a passkey and sign with it: pass it to `navigator.credentials.get()`, and
/// the outcome to `POST /api/auth/passkeys/sign-in`, with the cookie `twofold_passkey` that this call sets.
#[utoipa::path(
    post, path = "/api/auth/passkeys/sign-in/options", tag = "Passkeys",
    operation_id = "startPasskeySignIn",
    responses((
        status = 200, description = "The options.", body = PasskeySignInOptions,
        headers(("Set-Cookie" = String, description = "Binds the challenge to this browser.")),
    )),
)]
pub async fn handle(
    _: PasskeysAvailable,
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, ApiError> {
    let started = auth.start_passkey_sign_in()?;
    let mut answer = HttpResponse::Ok();
    cookies::set_passkey(&mut answer, &state, &started.token);
    Ok(answer.json(PasskeySignInOptions {
        challenge: started.challenge,
        timeout: TIMEOUT,
        rp_id: started.rp_id,
        user_verification: "preferred",
    }))
}
