//! `GET` and `POST /api/auth/otp/recovery-codes`: how many are left, and new ones.

use actix_web::{HttpResponse, web};
use serde_json::json;

use super::otp::shown;
use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::http::extract::{Authorized, Nothing};
use crate::http::problem::ApiError;

/// How many are left; none while there is no authenticator.
pub async fn count(caller: SignedIn) -> HttpResponse {
    let remaining = caller.open().account().recovery.len();
    HttpResponse::Ok().json(json!({ "remaining": remaining }))
}

/// Ten new ones, shown this once.
pub async fn renew(
    auth: web::Data<Auth>,
    authorized: Authorized<Fresh<SignedIn>, Nothing>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, Nothing) = authorized;
    let codes = auth.renew_recovery_codes(caller).await?;
    Ok(HttpResponse::Ok().json(json!({ "recovery_codes": shown(&codes) })))
}
