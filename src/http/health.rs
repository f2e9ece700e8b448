//! Whether the service runs, and whether it can do its work.

use actix_web::{HttpResponse, Responder, web};
use serde_json::json;

use super::problem::ApiError;
use super::state::HttpState;
use crate::flows::Auth;

/// `GET /api/healthchecker`: the tutorial's greeting, which needs no database.
pub async fn greet() -> impl Responder {
    HttpResponse::Ok()
        .json(json!({ "status": "success", "message": "Welcome to Two-Factor Authentication with Twofold" }))
}

/// `GET /health/live`: the process runs.
pub async fn live() -> impl Responder {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// `GET /health/ready`: the database answers and has its indexes, and the service is not stopping.
pub async fn ready(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, ApiError> {
    if state.is_stopping() || !auth.is_ready().await {
        return Err(ApiError::NotReady);
    }
    Ok(HttpResponse::Ok().json(json!({ "status": "ready" })))
}
