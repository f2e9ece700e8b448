//! `GET /api/auth/passkeys`.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::not_available;
use crate::flows::access::SignedIn;
use crate::http::error::ApiError;
use crate::http::extract::PasskeysAvailable;
use crate::views::PasskeyJson;

/// The account's passkeys.
#[derive(Serialize, ToSchema)]
pub struct PasskeyList {
    /// The passkeys, oldest first.
    passkeys: Vec<PasskeyJson>,
}

pub fn errors() -> Vec<ApiError> {
    vec![not_available()]
}

/// List the passkeys
///
/// Returns the passkeys of the account, oldest first.
#[utoipa::path(
    get, path = "/api/auth/passkeys", tag = "Passkeys", operation_id = "listPasskeys",
    responses((status = 200, description = "The passkeys.", body = PasskeyList)),
)]
pub async fn handle(_: PasskeysAvailable, caller: SignedIn) -> Result<HttpResponse, ApiError> {
    let passkeys = &caller.open().account().passkeys;
    let passkeys = passkeys.iter().map(PasskeyJson::of).collect();
    Ok(HttpResponse::Ok().json(PasskeyList { passkeys }))
}
