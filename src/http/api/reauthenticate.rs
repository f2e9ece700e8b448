//! `POST /api/auth/reauthenticate`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::password::Password;
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::error::AuthError as E;
use crate::http::cookies;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::Authorized;
use crate::http::extract::request::request;
use crate::http::state::HttpState;
use crate::views::SessionJson;

request! {
    /// The password and, with two-factor authentication, a code.
    pub struct ReauthenticateRequest {
        /// The account's password.
        password: Password,
        /// A six-digit code or a recovery code, if two-factor authentication is on.
        token: Option<SecondFactor>,
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
        too_many_attempts(),
        E::Busy.into(),
    ]
}

/// Reauthenticate
///
/// Checks the password and, with two-factor authentication, a code. The session is fresh afterwards, so
/// sensitive calls are allowed, and gets a new token. Five wrong passwords or recovery codes end it.
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
    let Authorized(caller, ReauthenticateRequest { password, token: factor }) = authorized;
    let renewed = auth.reauthenticate(caller, &password, factor.as_ref()).await?;
    let session = SessionJson::of(auth.view(renewed.session));
    let mut answer = HttpResponse::Ok();
    let token = cookies::hand_out(&mut answer, &state, renewed.carrier, &renewed.token);
    Ok(answer.json(ReauthenticateResponse { session, token: token.map(str::to_owned) }))
}
