//! `GET /api/auth/otp/recovery-codes`.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::flows::access::SignedIn;
use crate::http::error::ApiError;

/// How many recovery codes are left.
#[derive(Serialize, ToSchema)]
pub struct RecoveryCodeCount {
    /// Unused recovery codes; 0 while two-factor authentication is off.
    #[schema(example = 10, minimum = 0, maximum = 10)]
    remaining: usize,
}

/// Count the recovery codes
///
/// Returns how many recovery codes are unused.
#[utoipa::path(
    get, path = "/api/auth/otp/recovery-codes", tag = "Second factor",
    operation_id = "countRecoveryCodes",
    responses((status = 200, description = "The number of unused codes.", body = RecoveryCodeCount)),
)]
pub async fn handle(caller: SignedIn) -> Result<HttpResponse, ApiError> {
    let remaining = caller.recovery_codes_left()?;
    Ok(HttpResponse::Ok().json(RecoveryCodeCount { remaining }))
}
