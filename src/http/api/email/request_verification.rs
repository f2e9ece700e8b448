//! `POST /api/auth/email/verification`.

use actix_web::{HttpResponse, web};

use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::error::AuthError as E;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::MailAvailable;

pub fn errors() -> Vec<ApiError> {
    vec![E::MailNotAvailable.into(), E::EmailAlreadyVerified.into(), too_many_attempts()]
}

/// Send the verification mail again
///
/// Sends a new link to the address, at most one a minute and five an hour. Beyond that the answer is the
/// same, and nothing is sent.
#[utoipa::path(
    post, path = "/api/auth/email/verification", tag = "Email",
    operation_id = "requestEmailVerification",
    responses((status = 202, description = "A link is sent, within the limits.")),
)]
pub async fn handle(
    _: MailAvailable,
    auth: web::Data<Auth>,
    caller: SignedIn,
) -> Result<HttpResponse, ApiError> {
    auth.request_verification(caller).await?;
    Ok(HttpResponse::Accepted().finish())
}
