//! `GET /auth/otp/generate`.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

use crate::flows::Auth;
use crate::flows::access::OpenSession;
use crate::flows::error::AuthError as E;
use crate::http::error::ApiError;
use crate::http::openapi::image::PngImage;

pub fn errors() -> Vec<ApiError> {
    vec![E::OtpNotEnabled.into(), E::OtpAlreadyVerified.into(), E::ReauthenticationRequired.into()]
}

/// Get the QR code of an unconfirmed authenticator app
///
/// The QR code is shown until the first right code. If the account has passkeys, a recent sign-in with a second factor
/// is required.
#[utoipa::path(
    get, path = "/auth/otp/generate", tag = "Basic API", operation_id = "getUnconfirmedOtpQrCode",
    responses((
        status = 200, description = "The QR code.", body = PngImage, content_type = "image/png",
    )),
)]
pub async fn handle(auth: web::Data<Auth>, caller: OpenSession) -> Result<HttpResponse, ApiError> {
    let png = auth.unconfirmed_qr_code(&caller)?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "image/png")).body(png))
}
