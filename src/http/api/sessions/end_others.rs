//! `DELETE /api/auth/sessions`.

use actix_web::{HttpResponse, web};

use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::http::error::ApiError;

/// End all other sessions
///
/// Ends every session of the account except the one that the request was made with.
#[utoipa::path(
    delete, path = "/api/auth/sessions", tag = "Sessions", operation_id = "endOtherSessions",
    responses((status = 204, description = "All other sessions have ended.")),
)]
pub async fn handle(auth: web::Data<Auth>, caller: SignedIn) -> Result<HttpResponse, ApiError> {
    auth.end_other_sessions(caller).await?;
    Ok(HttpResponse::NoContent().finish())
}
