//! `POST /api/auth/otp/verify`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{factor_for, shown};
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::flows::error::AuthError as E;
use crate::http::cookies;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::request::request;
use crate::http::extract::{Authorized, NamedUser};
use crate::http::state::HttpState;
use crate::views::UserJson;

request! {
    /// The first code of a new authenticator app.
    pub struct ConfirmOtpSetupRequest {
        /// The six-digit code that the app shows. Spaces and dashes are ignored.
        token: SecondFactor,
        /// The session's own user id, if it is sent at all.
        user_id: NamedUser,
    }
    example { "token": "123456" }
}

/// The authenticator app is set up.
#[derive(Serialize, ToSchema)]
pub struct OtpSetupConfirmation {
    /// Always true.
    otp_verified: bool,
    /// The account, with two-factor authentication on.
    user: UserJson,
    /// Ten new recovery codes, shown only once. Earlier ones no longer work.
    #[schema(schema_with = super::renew_recovery_codes::ten_codes)]
    recovery_codes: Vec<String>,
    /// The session's new token, for a Bearer caller; other callers get a cookie.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    token: Option<String>,
}

pub fn errors() -> Vec<ApiError> {
    vec![E::WrongCode.into(), too_many_attempts()]
}

/// Confirm the setup of an authenticator app
///
/// Checks the first code of the pending secret. Two-factor authentication is on afterwards, every other
/// session ends, and this one gets a new token.
#[utoipa::path(
    post, path = "/api/auth/otp/verify", tag = "Second factor", operation_id = "confirmOtpSetup",
    request_body = ConfirmOtpSetupRequest,
    responses((
        status = 200, description = "The authenticator app is set up.",
        body = OtpSetupConfirmation,
        headers(("Set-Cookie" = String, description = "The session's new token.")),
    )),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<Fresh<SignedIn>, ConfirmOtpSetupRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, ConfirmOtpSetupRequest { token, user_id }) = authorized;
    let factor = factor_for(caller.get().open().account(), &user_id, token)?;
    let SecondFactor::Otp(code) = factor else {
        return Err(E::WrongCode.into());
    };
    let confirmed = auth.confirm_otp_setup(caller, &code).await?;
    let mut answer = HttpResponse::Ok();
    let token = cookies::hand_out(&mut answer, &state, confirmed.carrier, &confirmed.token);
    Ok(answer.json(OtpSetupConfirmation {
        otp_verified: true,
        user: UserJson::of(&confirmed.account),
        recovery_codes: shown(&confirmed.recovery_codes),
        token: token.map(str::to_owned),
    }))
}
