//! `POST /api/auth/email/approve`.

use actix_web::{HttpResponse, web};

use super::LinkRequest;
use crate::domain::client::Client;
use crate::flows::Auth;
use crate::http::error::ApiError;
use crate::http::extract::{Body, MailAvailable};

pub fn errors() -> Vec<ApiError> {
    super::link_errors()
}

/// Approve a change of the email address
///
/// Approves a change by the link at the current address. It takes effect as soon as the new address is
/// confirmed.
#[utoipa::path(
    post, path = "/api/auth/email/approve", tag = "Email", operation_id = "approveEmailChange",
    request_body = LinkRequest,
    responses((status = 204, description = "Approved.")),
)]
pub async fn handle(
    _: MailAvailable,
    auth: web::Data<Auth>,
    client: Client,
    body: Body<LinkRequest>,
) -> Result<HttpResponse, ApiError> {
    auth.approve_email_change(body.0.token.expose(), &client).await?;
    Ok(HttpResponse::NoContent().finish())
}
