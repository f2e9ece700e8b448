//! Which other origins' pages may read the responses.

use actix_cors::Cors;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

use super::error::ApiError;
use super::request_id;
use super::state::HttpState;
use super::well_known::jwks;

/// Headers that a page of another origin may read, besides the few that browsers always show.
pub fn exposed() -> [&'static str; 3] {
    [header::RETRY_AFTER.as_str(), header::WWW_AUTHENTICATE.as_str(), request_id::HEADER.as_str()]
}

/// How long browsers may keep the answer to a preflight, in seconds.
const MAX_AGE: usize = 3_600;

/// CORS for the client origins, with cookies.
pub fn cors(state: &web::Data<HttpState>) -> Cors {
    let state = state.clone();
    Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allow_any_header()
        .allowed_origin_fn(move |origin, _head| may_read(&state, origin))
        .expose_headers(exposed())
        .supports_credentials()
        .max_age(MAX_AGE)
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
    if is_preflight(&request)
        && let Some(origin) = request.headers().get(header::ORIGIN)
        && let Some(state) = request.app_data::<web::Data<HttpState>>()
        && !may_read(state, origin)
    {
        return Ok(request.error_response(ApiError::OriginNotAllowed));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn is_preflight(request: &ServiceRequest) -> bool {
    *request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn may_read(state: &HttpState, origin: &HeaderValue) -> bool {
    origin.to_str().is_ok_and(|origin| state.may_read(origin))
}

/// Lets pages of any origin read the public keys, without credentials. Wraps [`cors`].
///
/// # Errors
///
/// The errors of the inner service.
pub async fn publish(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let is_public = request.match_info().as_str() == jwks::PATH;
    let mut response = if is_public && is_preflight(&request) {
        request.into_response(allow_reading())
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    if is_public {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.remove(header::ACCESS_CONTROL_ALLOW_CREDENTIALS);
        let cross_origin = HeaderValue::from_static("cross-origin");
        headers.insert(header::CROSS_ORIGIN_RESOURCE_POLICY, cross_origin);
        // The answer is the same for every origin.
        headers.remove(header::VARY);
    }
    Ok(response)
}

/// The answer to a preflight for the public keys.
fn allow_reading() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "*"))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, MAX_AGE))
        .finish()
}
