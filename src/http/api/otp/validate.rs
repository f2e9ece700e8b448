//! `POST /api/auth/otp/validate`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::factor_for;
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::access::FactorSubmitter;
use crate::flows::error::AuthError as E;
use crate::http::cookies;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::request::request;
use crate::http::extract::{Authorized, NamedUser};
use crate::http::state::HttpState;

request! {
    /// A second factor.
    pub struct SubmitSecondFactorRequest {
        /// A six-digit code of the authenticator app, or a recovery code. Spaces and dashes are ignored.
        token: SecondFactor,
        /// The session's own user id, if it is sent at all.
        user_id: NamedUser,
        /// Whether to trust this device: logins on it need no second factor for `DEVICE_LIFETIME`, 30 days unless the
        /// operator set another. It counts only when a code of the authenticator app completes a login.
        remember_device: Option<bool>,
    }
    example { "token": "123456" }
}

/// The second factor is right.
#[derive(Serialize, ToSchema)]
pub struct SecondFactorAccepted {
    /// Always true.
    otp_valid: bool,
    /// The session's new token, if it was raised to the second level and its token was sent in a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
}

pub fn errors() -> Vec<ApiError> {
    vec![E::WrongCode.into(), E::CodeAlreadyUsed.into(), too_many_attempts()]
}

/// Submit a second factor
///
/// Completes a login: opens a session and sets its cookie. The session of a trusted device is raised to the second
/// level, under a new token. Within other sessions it checks the code and uses it up; nothing else changes.
#[utoipa::path(
    post, path = "/api/auth/otp/validate", tag = "Authentication",
    operation_id = "submitSecondFactor", request_body = SubmitSecondFactorRequest,
    responses((
        status = 200, description = "The second factor is right.", body = SecondFactorAccepted,
        headers(("Set-Cookie" = String, description = "The session, if a login was completed.")),
    )),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    authorized: Authorized<FactorSubmitter, SubmitSecondFactorRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(submitter, body) = authorized;
    let factor = factor_for(submitter.account(), &body.user_id, body.token)?;
    let trusts_device = body.remember_device.unwrap_or_default();
    let accepted = auth.submit_second_factor(submitter, &factor, trusts_device).await;
    let accepted = accepted.map_err(ApiError::of_validate)?;
    let mut answer = HttpResponse::Ok();
    let token = cookies::hand_out_accepted(&mut answer, &state, &accepted);
    Ok(answer.json(SecondFactorAccepted { otp_valid: true, token }))
}
