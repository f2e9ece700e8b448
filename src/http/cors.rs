//! Which other origins' pages may read the responses.

use actix_cors::Cors;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::error::ApiError;
use super::request_id;
use super::state::HttpState;
use super::well_known::jwks;

/// Headers that a page of another origin may read, besides the few that browsers always show.
pub fn exposed() -> [&'static str; 3] {
    [header::RETRY_AFTER.as_str(), header::WWW_AUTHENTICATE.as_str(), request_id::HEADER.as_str()]
}

/// CORS for the client origins, with cookies.
pub fn cors(state: &web::Data<HttpState>) -> Cors {
    let state = state.clone();
    Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allow_any_header()
        .allowed_origin_fn(move |origin, _head| may_read(&state, origin))
        .expose_headers(exposed())
        .supports_credentials()
        .max_age(3_600)
}

/// Refuses the preflights of other origins' pages as their calls are refused: with a code that the log explains.
///
/// # Errors
///
/// The errors of the inner service.
pub async fn refuse_unknown_preflight(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let headers = request.headers();
    let is_preflight = *request.method() == Method::OPTIONS
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if is_preflight
        && let Some(origin) = headers.get(header::ORIGIN)
        && let Some(state) = request.app_data::<web::Data<HttpState>>()
        && !may_read(state, origin)
    {
        return Ok(request.error_response(ApiError::OriginNotAllowed));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn may_read(state: &HttpState, origin: &HeaderValue) -> bool {
    origin.to_str().is_ok_and(|origin| state.may_read(origin))
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
