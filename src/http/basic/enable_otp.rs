//! `PUT /auth/otp/enable`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::flows::Auth;
use crate::flows::access::{Fresh, OpenSession};
use crate::http::api::otp::shown;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::Authorized;
use crate::http::extract::request::request;

request! {
    /// Whether two-factor authentication is to be on.
    pub struct SetOtpEnabledRequest {
        /// True to enable it, false to disable it.
        enabled: bool,
    }
    example { "enabled": true }
}

/// Whether two-factor authentication is on.
#[derive(Serialize, ToSchema)]
pub struct OtpStatus {
    /// Whether it is on.
    otp_enabled: bool,
    /// Ten recovery codes, shown only once, if it was just enabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = crate::http::api::otp::renew_recovery_codes::ten_codes, required = false)]
    recovery_codes: Option<Vec<String>>,
}

pub fn errors() -> Vec<ApiError> {
    vec![too_many_attempts()]
}

/// Enable or disable two-factor authentication
///
/// Enables or removes the authenticator app. It takes effect at once: logins require a code from now on. Enabling it
/// again, or disabling it while it is off, changes nothing. With a passkey in the account, two-factor authentication
/// stays on.
#[utoipa::path(
    put, path = "/auth/otp/enable", tag = "Basic API", operation_id = "setOtpEnabled",
    request_body = SetOtpEnabledRequest,
    responses((status = 200, description = "What it is now.", body = OtpStatus)),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    authorized: Authorized<Fresh<OpenSession>, SetOtpEnabledRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, SetOtpEnabledRequest { enabled }) = authorized;
    if !enabled {
        let otp_enabled = auth.disable_otp(caller).await?.has_second_factor();
        let status = OtpStatus { otp_enabled, recovery_codes: None };
        return Ok(HttpResponse::Ok().json(status));
    }
    let recovery_codes = auth.enable_otp(caller).await?.as_deref().map(shown);
    Ok(HttpResponse::Ok().json(OtpStatus { otp_enabled: true, recovery_codes }))
}
