//! `DELETE /api/auth/passkeys/{id}`.

use actix_web::{HttpResponse, web};

use super::{error, named, not_available};
use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::flows::error::PasskeyError as E;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::PasskeysAvailable;

pub fn errors() -> Vec<ApiError> {
    vec![not_available(), error(E::NotFound), too_many_attempts()]
}

/// Remove a passkey
///
/// Removes the passkey and ends every other session. If it was the account's last second factor, two-factor
/// authentication is off afterwards, and the recovery codes no longer work.
#[utoipa::path(
    delete, path = "/api/auth/passkeys/{id}", tag = "Passkeys", operation_id = "removePasskey",
    params(("id" = String, Path, description = "The passkey's id.", example = "MmYDNYhBDjQ4h7qXk1s9Vw")),
    responses((status = 204, description = "The passkey was removed.")),
)]
pub async fn handle(
    _: PasskeysAvailable,
    auth: web::Data<Auth>,
    caller: Fresh<SignedIn>,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    auth.remove_passkey(caller, &named(&id)?).await?;
    Ok(HttpResponse::NoContent().finish())
}
