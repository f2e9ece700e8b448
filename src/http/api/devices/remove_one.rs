//! `DELETE /api/auth/devices/{id}`.

use actix_web::{HttpResponse, web};

use crate::domain::device::DeviceId;
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::error::AuthError as E;
use crate::http::error::ApiError;

pub fn errors() -> Vec<ApiError> {
    vec![E::DeviceNotFound.into()]
}

/// Remove a trusted device
///
/// The next login on this device needs a second factor. Its sessions stay.
#[utoipa::path(
    delete, path = "/api/auth/devices/{id}", tag = "Sessions", operation_id = "removeTrustedDevice",
    params((
        "id" = String, Path, description = "The device's id.", example = "Q9mK1x7fT0aVb3ZsLw5uYg",
    )),
    responses((status = 204, description = "The device is no longer trusted.")),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    caller: SignedIn,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    auth.remove_device(&caller, &DeviceId::new(id.into_inner())).await?;
    Ok(HttpResponse::NoContent().finish())
}
