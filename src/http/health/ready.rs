//! `GET /health/ready`.

use actix_web::{HttpResponse, web};

use super::HealthStatus;
use crate::flows::Auth;
use crate::http::error::ApiError;
use crate::http::state::HttpState;

pub fn errors() -> Vec<ApiError> {
    vec![ApiError::NotReady]
}

/// Check that the service can do its work
///
/// Ready means that the database answers, that the service may read and write accounts and has its indexes,
/// and that the service is not stopping.
#[utoipa::path(
    get, path = "/health/ready", tag = "Operations", operation_id = "checkReadiness",
    responses((status = 200, description = "The service is ready.", body = HealthStatus)),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, ApiError> {
    if state.is_stopping() || !auth.is_ready().await {
        return Err(ApiError::NotReady);
    }
    Ok(HttpResponse::Ok().json(HealthStatus { status: "ready" }))
}
