//! `GET /api/auth/me`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::views::{SessionJson, UserJson};

/// The account and the session of the caller.
#[derive(Serialize, ToSchema)]
pub struct CurrentUser {
    /// The account.
    user: UserJson,
    /// The session that the request was made with.
    session: SessionJson,
}

/// Get the current user
///
/// Returns the account and the session that the request was made with.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "Sessions", operation_id = "getCurrentUser",
    responses((status = 200, description = "The account and the session.", body = CurrentUser)),
)]
pub async fn handle(auth: web::Data<Auth>, caller: SignedIn) -> HttpResponse {
    let user = UserJson::of(caller.open().account());
    let session = SessionJson::of(auth.view(caller.into_session()));
    HttpResponse::Ok().json(CurrentUser { user, session })
}
