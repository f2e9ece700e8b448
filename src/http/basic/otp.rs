//! `PUT /auth/otp/enable` and `GET /auth/otp/generate`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::flows::Auth;
use crate::flows::access::{Fresh, OpenSession};
use crate::http::answers::{Switched, shown};
use crate::http::extract::{Authorized, Fields, FromFields};
use crate::http::openapi::bodies;
use crate::http::problem::ApiError;

/// Whether the authenticator is to be on.
pub struct Switch {
    enabled: bool,
}

impl FromFields for Switch {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self { enabled: fields.boolean("enabled")? })
    }
}

/// Switches the authenticator on or off, at once.
#[utoipa::path(
put, path = "/auth/otp/enable", tag = "Basic → Bearer", operation_id = "enable",
    summary = "Switch two-factor authentication on or off",
    request_body = bodies::Switch,
    responses((status = 200, description = "What it is now", body = Switched)),
)]
pub async fn enable(
    auth: web::Data<Auth>,
    authorized: Authorized<Fresh<OpenSession>, Switch>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, switch) = authorized;
    if !switch.enabled {
        auth.disable_otp(caller).await?;
        return Ok(HttpResponse::Ok().json(Switched { otp_enabled: false, recovery_codes: None }));
    }
    let recovery_codes = auth.enable_otp(caller).await?.as_deref().map(shown);
    let body = Switched { otp_enabled: true, recovery_codes };
    Ok(HttpResponse::Ok().json(body))
}

/// The QR code of an authenticator that no code was right of yet.
#[utoipa::path(
get, path = "/auth/otp/generate", tag = "Basic → Bearer", operation_id = "qrCode",
    summary = "The QR code, until a first code was right",
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/png")),
)]
pub async fn qr_code(auth: web::Data<Auth>, caller: OpenSession) -> Result<HttpResponse, ApiError> {
    let png = auth.unconfirmed_qr_code(&caller)?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "image/png")).body(png))
}
