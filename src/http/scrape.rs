//! `GET /metrics`, in the Prometheus text format.

use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::error::ApiError;
use super::extract::bearer;
use super::state::HttpState;
use crate::config::Mode;
use crate::flows::error::AuthError;
use crate::metrics::TEXT_FORMAT;

/// Get the metrics
///
/// Requires `METRICS_TOKEN` as bearer token; in development, only if it is set.
#[utoipa::path(
    get, path = "/metrics", tag = "Operations", operation_id = "getMetrics",
    responses((
        status = 200, description = "The metrics in the Prometheus text format.", body = String,
        content_type = "text/plain; version=0.0.4",
    )),
)]
pub async fn handle(
    state: web::Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    if !may_read(&state, bearer(request.headers())) {
        return Err(AuthError::NotAuthenticated.into());
    }
    state.metrics.http.connections_open.set(state.connections.count());
    let text = state.metrics.render().map_err(|error| AuthError::Fault(error.into()))?;
    Ok(HttpResponse::Ok().content_type(TEXT_FORMAT).body(text))
}

fn may_read(state: &HttpState, presented: Option<&str>) -> bool {
    let Some(token) = &state.metrics_token else {
        return state.mode == Mode::Development;
    };
    // Digests are compared, so that the time reveals nothing about the token.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    presented.is_some_and(|presented| digest(presented) == digest(token.expose_secret()))
}
