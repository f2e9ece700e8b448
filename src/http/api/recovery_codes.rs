//! `GET` and `POST /api/auth/otp/recovery-codes`: how many are left, and new ones.

use actix_web::{HttpResponse, web};

use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::http::answers::{RecoveryCodes, Remaining, shown};
use crate::http::problem::ApiError;

/// How many are left; none while there is no authenticator.
#[utoipa::path(
get, path = "/api/auth/otp/recovery-codes", tag = "Second factor", operation_id = "countRecoveryCodes",
    summary = "How many recovery codes are left",
    responses((status = 200, description = "So many", body = Remaining)),
)]
pub async fn count(caller: SignedIn) -> Result<HttpResponse, ApiError> {
    let remaining = caller.recovery_codes_left()?;
    Ok(HttpResponse::Ok().json(Remaining { remaining }))
}

/// Ten new ones, shown this once.
#[utoipa::path(
post, path = "/api/auth/otp/recovery-codes", tag = "Second factor", operation_id = "renewRecoveryCodes",
    summary = "Make new recovery codes",
    responses((status = 200, description = "Ten new ones; the old ones stop", body = RecoveryCodes)),
)]
pub async fn renew(
    auth: web::Data<Auth>,
    caller: Fresh<SignedIn>,
) -> Result<HttpResponse, ApiError> {
    let codes = auth.renew_recovery_codes(caller).await?;
    Ok(HttpResponse::Ok().json(RecoveryCodes { recovery_codes: shown(&codes) }))
}
