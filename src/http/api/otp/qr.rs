//! `GET /api/auth/otp/qr`.

use actix_web::http::header::{self, Accept, Quality};
use actix_web::mime::{self, Mime};
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

/// Whether PNG is named before SVG, or SVG is refused (RFC 9110, section 12.4.2: a weight of 0).
fn prefers_png(accept: &Accept) -> bool {
    let is_refused =
        |image: &Mime| accept.iter().any(|one| one.item == *image && one.quality == Quality::ZERO);
    let ranked = accept.ranked();
    let known = |mime: &&Mime| [mime::IMAGE_PNG, mime::IMAGE_SVG].contains(mime);
    let named = ranked.iter().filter(known).find(|mime| !is_refused(mime));
    match named {
        Some(image) => *image == mime::IMAGE_PNG,
        None => is_refused(&mime::IMAGE_SVG),
    }
}
