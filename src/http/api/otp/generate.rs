//! `POST /api/auth/otp/generate`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::user_id_errors;
use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::request::request;
use crate::http::extract::{Authorized, NamedUser};

request! {
    /// Nothing is needed.
    pub struct StartOtpSetupRequest {
        /// The session's own user id, if it is sent at all.
        user_id: NamedUser,
    }
    example {}
}

/// The secret of a new authenticator app entry.
#[derive(Serialize, ToSchema)]
pub struct OtpSetup {
    /// The secret in Base32, for typing.
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", min_length = 32, max_length = 32)]
    base32: String,
    /// The `otpauth://` URI, for a QR code.
    #[schema(
        format = "uri",
        example = "otpauth://totp/Twofold:ada%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Twofold"
    )]
    otpauth_url: String,
}

pub fn errors() -> Vec<ApiError> {
    let [invalid, unknown] = user_id_errors();
    vec![invalid, unknown, too_many_attempts()]
}

/// Start the setup of an authenticator app
///
/// Returns a new secret, which is pending for ten minutes: confirm it with `/api/auth/otp/verify`. An
/// active authenticator app keeps working until then.
#[utoipa::path(
    post, path = "/api/auth/otp/generate", tag = "Second factor", operation_id = "startOtpSetup",
    request_body = StartOtpSetupRequest,
    responses((status = 200, description = "The new secret.", body = OtpSetup)),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    authorized: Authorized<Fresh<SignedIn>, StartOtpSetupRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, StartOtpSetupRequest { user_id }) = authorized;
    user_id.require_own(caller.get().open().account())?;
    let provisioning = auth.start_otp_setup(caller).await?;
    let setup = OtpSetup { base32: provisioning.base32, otpauth_url: provisioning.uri };
    Ok(HttpResponse::Ok().json(setup))
}
