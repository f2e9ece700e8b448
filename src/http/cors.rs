//! Which other origins' pages may read the responses.

use actix_cors::Cors;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;

use super::request_id;
use super::state::HttpState;
use super::well_known::jwks;

/// Headers that a page of another origin may read, besides the few that browsers always show.
pub fn exposed() -> [&'static str; 3] {
    [header::RETRY_AFTER.as_str(), header::WWW_AUTHENTICATE.as_str(), request_id::HEADER.as_str()]
}

/// CORS for the configured client origins, with cookies.
pub fn cors(state: &HttpState) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allow_any_header()
        .expose_headers(exposed())
        .supports_credentials()
        .max_age(3_600);
    state.config.client_origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}

/// Lets pages of any origin read the public keys, without credentials. Wraps [`cors`].
///
/// # Errors
///
/// The errors of the inner service.
pub async fn publish<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    if response.request().match_pattern().as_deref() == Some(jwks::PATH) {
        let anyone = HeaderValue::from_static("*");
        let cross_origin = HeaderValue::from_static("cross-origin");
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anyone);
        headers.remove(header::ACCESS_CONTROL_ALLOW_CREDENTIALS);
        headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, cross_origin);
        // The answer is the same for every origin.
        headers.remove(header::VARY);
    }
    Ok(response)
}
