//! `DELETE /api/auth/devices`.

use actix_web::{HttpResponse, web};

use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::http::error::ApiError;

/// Remove all trusted devices
///
/// The next login on any device needs a second factor. Sessions stay.
#[utoipa::path(
    delete, path = "/api/auth/devices", tag = "Sessions", operation_id = "removeTrustedDevices",
    responses((status = 204, description = "No device is trusted.")),
)]
pub async fn handle(auth: web::Data<Auth>, caller: SignedIn) -> Result<HttpResponse, ApiError> {
    auth.remove_devices(&caller).await?;
    Ok(HttpResponse::NoContent().finish())
}
