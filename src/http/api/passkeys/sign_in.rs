//! `POST /api/auth/passkeys/sign-in`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{error, not_available};
use crate::domain::client::Client;
use crate::domain::passkey::ceremony::Assertion;
use crate::flows::Auth;
use crate::flows::error::{AuthError as E, PasskeyError};
use crate::flows::log_in::CarriedTokens;
use crate::flows::passkey_sign_in::PasskeyAnswer;
use crate::http::cookies::{self, CookieName};
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::credential::CredentialJson;
use crate::http::extract::request::request;
use crate::http::extract::{Body, PasskeysAvailable, credentials};
use crate::http::state::HttpState;
use crate::views::UserJson;

request! {
    /// A passkey's signature.
    pub struct PasskeySignInRequest {
        /// The outcome of `navigator.credentials.get()`, as its `toJSON()` returns it.
        credential: CredentialJson<Assertion>,
    }
    example {
        "credential": {
            "id": "MmYDNYhBDjQ4h7qXk1s9Vw", "rawId": "MmYDNYhBDjQ4h7qXk1s9Vw", "type": "public-key",
            "response": {
                "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0", "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4",
                "signature": "MEUCIQDx", "userHandle": "ZvHAr94x4rTI8JoX"
            }
        }
    }
}

/// The passkey signed the user in.
#[derive(Serialize, ToSchema)]
pub struct PasskeySignInResponse {
    /// Always `success`.
    #[schema(example = "success")]
    status: &'static str,
    /// The account.
    user: UserJson,
}

pub fn errors() -> Vec<ApiError> {
    vec![
        not_available(),
        error(PasskeyError::Invalid),
        E::AccountDisabled.into(),
        E::EmailNotVerified.into(),
        too_many_attempts(),
    ]
}

/// Sign in with a passkey
///
/// Opens a session without a password, at level `aal2`, and sets its cookie. The passkey must verify its user, now and
/// when it was added.
#[utoipa::path(
    post, path = "/api/auth/passkeys/sign-in", tag = "Passkeys", operation_id = "signInWithPasskey",
    request_body = PasskeySignInRequest,
    responses((
        status = 200, description = "The user is signed in.", body = PasskeySignInResponse,
        headers(("Set-Cookie" = String, description = "The session.")),
    )),
)]
pub async fn handle(
    _: PasskeysAvailable,
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    client: Client,
    request: HttpRequest,
    body: Body<PasskeySignInRequest>,
) -> Result<HttpResponse, ApiError> {
    let headers = request.headers();
    let sent = credentials(headers, state.mode);
    let carried =
        CarriedTokens { session: sent.session_cookie, challenge: sent.login_cookie, device: None };
    let answer = PasskeyAnswer {
        assertion: body.0.credential.0.as_ref(),
        token: CookieName::Passkey.read(headers, state.mode),
    };
    let signed_in = auth.sign_in_with_passkey(answer, &client, carried).await?;
    let mut answer = HttpResponse::Ok();
    cookies::set_session(&mut answer, &state, &signed_in.token);
    cookies::expire_passkey(&mut answer, &state);
    let user = UserJson::of(&signed_in.account);
    Ok(answer.json(PasskeySignInResponse { status: "success", user }))
}
