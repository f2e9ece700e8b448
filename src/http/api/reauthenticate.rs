//! `POST /api/auth/reauthenticate`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::passkey::ceremony::Assertion;
use crate::domain::password::Password;
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::error::{AuthError as E, PasskeyError};
use crate::http::cookies;
use crate::http::error::{ApiError, FieldError, too_many_attempts};
use crate::http::extract::Authorized;
use crate::http::extract::credential::CredentialJson;
use crate::http::extract::request::request;
use crate::http::state::HttpState;
use crate::views::SessionJson;

request! {
    /// The password and, with two-factor authentication, a code or a passkey; or a passkey that verifies its user.
    pub struct ReauthenticateRequest {
        /// The account's password. It may be left out if `passkey` verifies its user, now and when it was added.
        password: Option<Password>,
        /// A six-digit code or a recovery code, if two-factor authentication is on.
        token: Option<SecondFactor>,
        /// A passkey in place of `token`: the outcome of `navigator.credentials.get()`, as its `toJSON()` returns it.
        passkey: Option<CredentialJson<Assertion>>,
    }
    example { "password": "plum velvet tractor" }
}

/// The session is fresh.
#[derive(Serialize, ToSchema)]
pub struct ReauthenticateResponse {
    /// The session.
    session: SessionJson,
    /// Its new token, for a Bearer caller; other callers get a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
}

pub fn errors() -> Vec<ApiError> {
    vec![
        E::WrongPassword.into(),
        E::WrongCode.into(),
        E::CodeAlreadyUsed.into(),
        E::Passkey(PasskeyError::Invalid).into(),
        E::Passkey(PasskeyError::NotAvailable).into(),
        too_many_attempts(),
        E::Busy.into(),
    ]
}

/// Reauthenticate
///
/// Checks the password and, with two-factor authentication, a code or a passkey. A passkey that verifies its user is
/// enough alone; its challenge comes from `passkeys/challenge`. The session is fresh afterwards, so sensitive calls
/// are allowed, and gets a new token. Five wrong passwords, recovery codes or passkeys end it.
#[utoipa::path(
    post, path = "/api/auth/reauthenticate", tag = "Sessions", operation_id = "reauthenticate",
    request_body = ReauthenticateRequest,
    responses((
        status = 200, description = "The session is fresh.", body = ReauthenticateResponse,
        headers(("Set-Cookie" = String, description = "The session's new token.")),
    )),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<SignedIn, ReauthenticateRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, ReauthenticateRequest { password, token, passkey }) = authorized;
    let passkey = passkey.map(CredentialJson::into_factor);
    let renewed = match (password, passkey) {
        (Some(password), passkey) => {
            auth.reauthenticate(caller, &password, passkey.or(token).as_ref()).await?
        }
        (None, Some(passkey)) => auth.reauthenticate_with_passkey(caller, &passkey).await?,
        (None, None) => return Err(ApiError::Invalid(vec![FieldError::missing("password")])),
    };
    let session = SessionJson::of(auth.view(renewed.session));
    let mut answer = HttpResponse::Ok();
    let token = cookies::hand_out(&mut answer, &state, renewed.carrier, &renewed.token);
    Ok(answer.json(ReauthenticateResponse { session, token: token.map(str::to_owned) }))
}
