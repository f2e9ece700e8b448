//! Whether the service runs, and whether it can do its work.

use actix_web::{HttpResponse, Responder, web};

use super::problem::ApiError;
use super::state::HttpState;
use crate::flows::Auth;
use crate::http::answers::{Done, Health};

/// `GET /api/healthchecker`: the tutorial's greeting, which needs no database.
#[utoipa::path(
get, path = "/api/healthchecker", tag = "Operation", operation_id = "healthchecker",
    summary = "The tutorial's greeting",
    responses((status = 200, description = "The service answers", body = Done)),
)]
pub async fn greet() -> impl Responder {
    let message = "Welcome to Two-Factor Authentication with Twofold";
    HttpResponse::Ok().json(Done { status: "success", message })
}

/// `GET /health/live`: the process runs.
#[utoipa::path(
get, path = "/health/live", tag = "Operation", operation_id = "live",
    summary = "Whether the process runs",
    responses((status = 200, description = "It does", body = Health)),
)]
pub async fn live() -> impl Responder {
    HttpResponse::Ok().json(Health { status: "live" })
}

/// `GET /health/ready`: the database has its indexes, the service may read and write accounts in it, and
/// it is not stopping.
#[utoipa::path(
get, path = "/health/ready", tag = "Operation", operation_id = "ready",
    summary = "Whether the service can do its work",
    responses((status = 200, description = "It can", body = Health)),
)]
pub async fn ready(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, ApiError> {
    if state.is_stopping() || !auth.is_ready().await {
        return Err(ApiError::NotReady);
    }
    Ok(HttpResponse::Ok().json(Health { status: "ready" }))
}
