//! `PUT /auth/otp/enable` and `GET /auth/otp/generate`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::flows::Auth;
use crate::flows::access::{Fresh, OpenSession};
use crate::http::api::otp::shown;
use crate::http::extract::{Authorized, Fields, FromFields};
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
pub async fn enable(
    auth: web::Data<Auth>,
    authorized: Authorized<Fresh<OpenSession>, Switch>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, switch) = authorized;
    if !switch.enabled {
        auth.unbind(caller).await?;
        return Ok(HttpResponse::Ok().json(json!({ "otp_enabled": false })));
    }
    let body = match auth.switch_on(caller).await? {
        Some(codes) => json!({ "otp_enabled": true, "recovery_codes": shown(&codes) }),
        None => json!({ "otp_enabled": true }),
    };
    Ok(HttpResponse::Ok().json(body))
}

/// The QR code of an authenticator that no code was right of yet.
pub async fn qr_code(auth: web::Data<Auth>, caller: OpenSession) -> Result<HttpResponse, ApiError> {
    let png = auth.unconfirmed_qr_code(&caller)?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "image/png")).body(png))
}
