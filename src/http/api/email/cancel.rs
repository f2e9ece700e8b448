//! `DELETE /api/auth/email/change`.

use actix_web::{HttpResponse, web};

use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::error::AuthError as E;
use crate::http::error::ApiError;
use crate::http::extract::MailAvailable;

pub fn errors() -> Vec<ApiError> {
    vec![E::MailNotAvailable.into()]
}

/// Cancel a change of the email address
///
/// Cancels the pending change, if there is one.
#[utoipa::path(
    delete, path = "/api/auth/email/change", tag = "Email", operation_id = "cancelEmailChange",
    responses((status = 204, description = "No change is pending.")),
)]
pub async fn handle(
    _: MailAvailable,
    auth: web::Data<Auth>,
    caller: SignedIn,
) -> Result<HttpResponse, ApiError> {
    auth.cancel_email_change(caller).await?;
    Ok(HttpResponse::NoContent().finish())
}
