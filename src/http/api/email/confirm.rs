//! `POST /api/auth/email/confirm`.

use actix_web::{HttpResponse, web};

use super::LinkRequest;
use crate::domain::client::Client;
use crate::flows::Auth;
use crate::flows::error::AuthError as E;
use crate::http::error::ApiError;
use crate::http::extract::{Body, MailAvailable};
use crate::views::EmailChangeJson;

pub fn errors() -> Vec<ApiError> {
    let mut errors = super::link_errors();
    errors.push(E::AccountExists.into());
    errors
}

/// Confirm a change of the email address
///
/// Confirms the new address by the link that was sent there. The change takes effect at once if the current
/// address is not verified or has approved, and otherwise after `EMAIL_CHANGE_DELAY`.
#[utoipa::path(
    post, path = "/api/auth/email/confirm", tag = "Email", operation_id = "confirmEmailChange",
    request_body = LinkRequest,
    responses((status = 200, description = "Confirmed.", body = EmailChangeJson)),
)]
pub async fn handle(
    _: MailAvailable,
    auth: web::Data<Auth>,
    client: Client,
    body: Body<LinkRequest>,
) -> Result<HttpResponse, ApiError> {
    let confirmed = auth.confirm_email_change(body.0.token.expose(), &client).await?;
    Ok(HttpResponse::Ok().json(EmailChangeJson::of(&confirmed.email, confirmed.effective_at)))
}
