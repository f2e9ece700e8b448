//! `GET /api/auth/me`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::views::{EmailChangeJson, SessionJson, UserJson};

/// The account and the session of the caller.
#[derive(Serialize, ToSchema)]
pub struct CurrentUser {
    /// The account.
    user: CurrentUserJson,
    /// The session that the request was made with.
    session: SessionJson,
}

/// The account of the caller.
#[derive(Serialize, ToSchema)]
#[schema(as = CurrentUserAccount)]
pub struct CurrentUserJson {
    #[serde(flatten)]
    user: UserJson,
    /// A pending change of the email address; null if there is none.
    pending_email: Option<EmailChangeJson>,
}

/// Get the current user
///
/// Returns the account and the session that the request was made with.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "Sessions", operation_id = "getCurrentUser",
    responses((status = 200, description = "The account and the session.", body = CurrentUser)),
)]
pub async fn handle(auth: web::Data<Auth>, caller: SignedIn) -> HttpResponse {
    let account = caller.open().account();
    let user = CurrentUserJson {
        user: UserJson::of(account),
        pending_email: auth
            .pending_change(account)
            .map(|change| EmailChangeJson::of(&change.email, change.effective_at)),
    };
    let session = SessionJson::of(auth.view(caller.into_session()));
    HttpResponse::Ok().json(CurrentUser { user, session })
}
