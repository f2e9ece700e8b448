//! `GET /api/healthchecker`.

use actix_web::{HttpResponse, Responder};

use crate::http::api::register::MessageResponse;

/// Check that the API answers
///
/// The tutorial's greeting, which needs no database.
#[utoipa::path(
    get, path = "/api/healthchecker", tag = "Operations", operation_id = "checkHealth",
    responses((status = 200, description = "The service answers.", body = MessageResponse)),
)]
pub async fn handle() -> impl Responder {
    let message = "Welcome to Two-Factor Authentication with Twofold";
    HttpResponse::Ok().json(MessageResponse { status: "success", message })
}
