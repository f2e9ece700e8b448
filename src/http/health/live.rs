//! `GET /health/live`.

use actix_web::{HttpResponse, Responder};

use super::HealthStatus;

/// Check that the process runs
///
/// Needs no database.
#[utoipa::path(
    get, path = "/health/live", tag = "Operations", operation_id = "checkLiveness",
    responses((status = 200, description = "The process runs.", body = HealthStatus)),
)]
pub async fn handle() -> impl Responder {
    HttpResponse::Ok().json(HealthStatus { status: "live" })
}
