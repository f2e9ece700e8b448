//! `DELETE /api/auth/sessions/{id}`.

use actix_web::{HttpResponse, web};

use crate::domain::ids::SessionId;
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::error::AuthError as E;
use crate::http::error::ApiError;

pub fn errors() -> Vec<ApiError> {
    vec![E::SessionNotFound.into()]
}

/// End a session
///
/// Ends one of the account's sessions, which may be the one that the request was made with.
#[utoipa::path(
    delete, path = "/api/auth/sessions/{id}", tag = "Sessions", operation_id = "endSession",
    params((
        "id" = String, Path, description = "The session's id.", example = "Q9mK1x7fT0aVb3ZsLw5uYg",
    )),
    responses((status = 204, description = "The session has ended.")),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    caller: SignedIn,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    auth.end_session(&caller, &SessionId::new(id.into_inner())).await?;
    Ok(HttpResponse::NoContent().finish())
}
