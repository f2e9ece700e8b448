//! `POST /api/auth/email/verify`.

use actix_web::{HttpResponse, web};

use super::LinkRequest;
use crate::domain::client::Client;
use crate::flows::Auth;
use crate::http::error::ApiError;
use crate::http::extract::{Body, MailAvailable};

pub fn errors() -> Vec<ApiError> {
    super::link_errors()
}

/// Verify the email address
///
/// Verifies the address by the link that was sent there. Opens no session.
#[utoipa::path(
    post, path = "/api/auth/email/verify", tag = "Email", operation_id = "verifyEmail",
    request_body = LinkRequest,
    responses((status = 204, description = "Verified.")),
)]
pub async fn handle(
    _: MailAvailable,
    auth: web::Data<Auth>,
    client: Client,
    body: Body<LinkRequest>,
) -> Result<HttpResponse, ApiError> {
    auth.verify_email(body.0.token.expose(), &client).await?;
    Ok(HttpResponse::NoContent().finish())
}
