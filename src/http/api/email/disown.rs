//! `POST /api/auth/email/disown`.

use actix_web::{HttpResponse, web};

use super::LinkRequest;
use crate::domain::client::Client;
use crate::flows::Auth;
use crate::http::error::ApiError;
use crate::http::extract::{Body, MailAvailable};

pub fn errors() -> Vec<ApiError> {
    super::link_errors()
}

/// Delete an account that somebody else registered
///
/// Deletes an account whose address was never verified, by the link that was sent there.
#[utoipa::path(
    post, path = "/api/auth/email/disown", tag = "Email", operation_id = "disownAccount",
    request_body = LinkRequest,
    responses((status = 204, description = "Deleted.")),
)]
pub async fn handle(
    _: MailAvailable,
    auth: web::Data<Auth>,
    client: Client,
    body: Body<LinkRequest>,
) -> Result<HttpResponse, ApiError> {
    auth.disown(body.0.token.expose(), &client).await?;
    Ok(HttpResponse::NoContent().finish())
}
