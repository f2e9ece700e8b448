//! `GET /api/auth/sessions`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::http::error::ApiError;
use crate::views::SessionJson;

/// The account's live sessions.
#[derive(Serialize, ToSchema)]
pub struct SessionList {
    /// Sessions of both kinds, last seen first.
    sessions: Vec<SessionJson>,
}

/// List the sessions
///
/// Returns every live session of the account, last seen first.
#[utoipa::path(
    get, path = "/api/auth/sessions", tag = "Sessions", operation_id = "listSessions",
    responses((status = 200, description = "The sessions.", body = SessionList)),
)]
pub async fn handle(auth: web::Data<Auth>, caller: SignedIn) -> Result<HttpResponse, ApiError> {
    let sessions = auth.live_sessions(caller.open())?;
    let sessions = sessions.into_iter().map(SessionJson::of).collect();
    Ok(HttpResponse::Ok().json(SessionList { sessions }))
}
