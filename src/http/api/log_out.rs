//! `POST /api/auth/logout`.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::domain::client::Client;
use crate::flows::Auth;
use crate::http::cookies;
use crate::http::error::ApiError;
use crate::http::extract::credentials;
use crate::http::state::HttpState;

/// Log out
///
/// Ends the session or the login challenge that the request carries, and expires its cookies.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "Sessions", operation_id = "logOut",
    responses((
        status = 204, description = "No session is left.",
        headers(("Set-Cookie" = String, description = "Expires the cookies.")),
    )),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    client: Client,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let carried = credentials(request.headers(), state.mode);
    auth.log_out(carried, &client).await?;
    let mut answer = HttpResponse::NoContent();
    if carried.bearer.is_none() {
        cookies::expire_both(&mut answer, &state);
    }
    Ok(answer.finish())
}
