//! The Basic → Bearer contract under `/auth`, and `/whoami`.

pub mod credentials;
pub mod otp;

use actix_web::HttpResponse;

use crate::flows::access::OpenSession;

/// `GET /whoami`: the address of whoever calls, as a JSON string.
#[utoipa::path(
get, path = "/whoami", tag = "Basic → Bearer", operation_id = "whoami",
    summary = "Whose the token is",
    responses((status = 200, description = "The address", body = String, content_type = "application/json", example = "ada@example.com")),
)]
pub async fn whoami(caller: OpenSession) -> HttpResponse {
    HttpResponse::Ok().json(caller.account().email.as_str())
}
