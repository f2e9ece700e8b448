//! `GET /whoami`.

use actix_web::HttpResponse;

use crate::flows::access::OpenSession;

/// Get the username
///
/// Returns the email address of the caller as a JSON string.
#[utoipa::path(
    get, path = "/whoami", tag = "Basic API", operation_id = "getUsername",
    responses((
        status = 200, description = "The email address.", body = String,
        content_type = "application/json", example = "ada@example.com",
    )),
)]
pub async fn handle(caller: OpenSession) -> HttpResponse {
    HttpResponse::Ok().json(caller.account().email.as_str())
}
