//! `POST /api/auth/login`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::password::Password;
use crate::flows::Auth;
use crate::flows::error::AuthError as E;
use crate::flows::log_in::{CarriedTokens, Login, Opened};
use crate::http::cookies::{self, CookieName};
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::request::request;
use crate::http::extract::{Body, credentials};
use crate::http::state::HttpState;
use crate::views::UserJson;

request! {
    /// An email address and a password.
    pub struct LoginRequest {
        /// The account's email address.
        email: EmailAddress,
        /// The account's password.
        password: Password,
    }
    example { "email": "ada@example.com", "password": "plum velvet tractor" }
}

/// The password is right.
#[derive(Serialize, ToSchema)]
pub struct LoginResponse {
    /// Always `success`.
    #[schema(example = "success")]
    status: &'static str,
    /// The account, complete even before the second factor.
    user: UserJson,
    /// Whether a second factor is required next: this opened a login challenge and no session.
    second_factor_required: bool,
}

pub fn errors() -> Vec<ApiError> {
    vec![
        E::IncorrectCredentials.into(),
        E::AccountDisabled.into(),
        E::EmailNotVerified.into(),
        too_many_attempts(),
        E::Busy.into(),
    ]
}

/// Log in
///
/// Checks the password. Without two-factor authentication, or on a trusted device (cookie `twofold_device`), this
/// opens a session and sets the cookie `twofold_session`. Otherwise this starts a login challenge of five minutes and
/// sets the cookie `twofold_login`; submit a code to `/api/auth/otp/validate`, or a passkey to
/// `/api/auth/passkeys/validate`, next.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "Authentication", operation_id = "logIn",
    request_body = LoginRequest,
    responses((
        status = 200, description = "The password is right.", body = LoginResponse,
        headers(("Set-Cookie" = String, description = "The session or the login challenge.")),
    )),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    client: Client,
    request: HttpRequest,
    body: Body<LoginRequest>,
) -> Result<HttpResponse, ApiError> {
    let sent = credentials(request.headers(), state.mode);
    let carried = CarriedTokens {
        session: sent.session_cookie,
        challenge: sent.login_cookie,
        device: CookieName::Device.read(request.headers(), state.mode),
    };
    let LoginRequest { email, password } = body.0;
    let accepted = auth.log_in(&Login { email, password }, &client, carried).await?;
    let mut answer = HttpResponse::Ok();
    match &accepted.opened {
        Opened::Session(token) => cookies::set_session(&mut answer, &state, token),
        Opened::Challenge(token) => cookies::set_challenge(&mut answer, &state, token),
    }
    if let Some(device) = &accepted.device {
        cookies::set_device(&mut answer, &state, device);
    }
    let user = UserJson::of(&accepted.account);
    let second_factor_required = matches!(accepted.opened, Opened::Challenge(_));
    Ok(answer.json(LoginResponse { status: "success", user, second_factor_required }))
}
