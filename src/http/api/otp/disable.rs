//! `POST /api/auth/otp/disable`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::user_id_errors;
use crate::flows::Auth;
use crate::flows::access::{Fresh, OpenSession};
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::request::request;
use crate::http::extract::{Authorized, NamedUser};
use crate::views::UserJson;

request! {
    /// Nothing is needed.
    pub struct DisableOtpRequest {
        /// The session's own user id, if it is sent at all.
        user_id: NamedUser,
    }
    example {}
}

/// The authenticator app is disabled.
#[derive(Serialize, ToSchema)]
pub struct OtpDisabled {
    /// Always true.
    otp_disabled: bool,
    /// The account.
    user: UserJson,
}

pub fn errors() -> Vec<ApiError> {
    let [invalid, unknown] = user_id_errors();
    vec![invalid, unknown, too_many_attempts()]
}

/// Disable the authenticator app
///
/// Removes the authenticator app and ends every other session. Without a passkey in the account, two-factor
/// authentication is off afterwards, and the recovery codes no longer work. Without an authenticator app nothing
/// changes.
#[utoipa::path(
    post, path = "/api/auth/otp/disable", tag = "Second factor", operation_id = "disableOtp",
    request_body = DisableOtpRequest,
    responses((status = 200, description = "There is no authenticator app.", body = OtpDisabled)),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    authorized: Authorized<Fresh<OpenSession>, DisableOtpRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, DisableOtpRequest { user_id }) = authorized;
    user_id.require_own(caller.get().account())?;
    let account = auth.disable_otp(caller).await?;
    let user = UserJson::of(&account);
    Ok(HttpResponse::Ok().json(OtpDisabled { otp_disabled: true, user }))
}
