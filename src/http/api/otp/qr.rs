//! `GET /api/auth/otp/qr`.

use actix_web::http::header::{self, Accept};
use actix_web::mime;
use actix_web::{HttpResponse, web};

use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::error::AuthError as E;
use crate::http::error::ApiError;
use crate::http::openapi::image::PngImage;

pub fn errors() -> Vec<ApiError> {
    vec![E::NoPendingEnrolment.into()]
}

/// Get the QR code of the pending secret
///
/// The QR code is for the session that started the setup. It is an SVG image unless `Accept` prefers
/// PNG.
#[utoipa::path(
    get, path = "/api/auth/otp/qr", tag = "Second factor", operation_id = "getOtpQrCode",
    responses((
        status = 200, description = "The QR code.",
        content((String = "image/svg+xml"), (PngImage = "image/png")),
    )),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    caller: SignedIn,
    accept: web::Header<Accept>,
) -> Result<HttpResponse, ApiError> {
    let provisioning = auth.pending_enrolment(&caller)?;
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::VARY, "Accept"));
    if prefers_png(&accept) {
        let png = provisioning.qr_png().map_err(E::from)?;
        return Ok(answer.content_type("image/png").body(png));
    }
    let svg = provisioning.qr_svg().map_err(E::from)?;
    Ok(answer.content_type("image/svg+xml").body(svg))
}

fn prefers_png(accept: &Accept) -> bool {
    let ranked = accept.ranked();
    let mut images = ranked.iter().filter(|mime| mime.type_() == mime::IMAGE);
    let known = images.find(|mime| matches!(mime.essence_str(), "image/png" | "image/svg+xml"));
    known.is_some_and(|mime| *mime == mime::IMAGE_PNG)
}
