//! The outermost middleware: assigns the request id, writes problems, adds common headers, and logs.

use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::error::ApiError;
use super::exchange::Exchange;
use super::metrics::method_label;
use super::request_id;
use super::standing_headers::standing_headers;
use super::state::HttpState;
use crate::config::Mode;

/// Wraps everything, CORS included.
///
/// # Errors
///
/// No errors of handlers: those are responses already.
pub async fn edge(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let _handling = Exchange::begin(&request);
    let id = request_id::of(request.headers());
    let mut response = next.call(request).await?.map_into_boxed_body();
    let (route, took) = (response.request().match_pattern(), begun.elapsed());
    log_fault(&response, &id);
    log_answer(&id, &response, route.as_deref(), took);
    count(&response, route.as_deref(), took);
    response = tell_problem(response, &id);
    add_headers(&mut response, &id);
    Ok(response)
}

/// Writes the body of an error, unless its handler wrote one.
fn tell_problem(response: ServiceResponse, id: &str) -> ServiceResponse {
    let status = response.status();
    let is_told = response.headers().contains_key(header::CONTENT_TYPE)
        && response.response().error().is_none();
    if !is_error(status) || is_told {
        return response;
    }
    let told = response.response().error().and_then(|error| error.as_error::<ApiError>());
    let body = told.map_or_else(|| ApiError::Other(status).body(id), |error| error.body(id));
    let (request, response) = response.into_parts();
    let mut response = response.set_body(BoxBody::new(body));
    let problem = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, problem);
    ServiceResponse::new(request, response)
}

fn log_answer(request_id: &str, response: &ServiceResponse, route: Option<&str>, took: Duration) {
    let (method, status) = (method_label(response.request().method()), response.status());
    let log = if is_error(status) { log_error } else { log_success };
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    log(request_id, (method, route), (status.as_u16(), code(response)), ms);
}

/// The code of the problem, if the response is one.
fn code(response: &ServiceResponse) -> Option<&'static str> {
    let status = response.status();
    let known = response.response().error().and_then(|error| error.as_error::<ApiError>());
    let other = || is_error(status).then(|| ApiError::Other(status).code());
    known.map(ApiError::code).or_else(other)
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

type Call<'a> = (&'a str, Option<&'a str>);
type Outcome = (u16, Option<&'static str>);

fn log_error(request_id: &str, (method, route): Call<'_>, (status, code): Outcome, ms: u64) {
    tracing::info!(request_id, method, route, status, code, ms, "request completed");
}

/// Successes are logged at `debug`: they are counted in any case.
fn log_success(request_id: &str, (method, route): Call<'_>, (status, _): Outcome, ms: u64) {
    tracing::debug!(request_id, method, route, status, ms, "request completed");
}

fn count(response: &ServiceResponse, route: Option<&str>, took: Duration) {
    let request = response.request();
    if let Some(state) = request.app_data::<web::Data<HttpState>>() {
        state.metrics.count(request.method(), route, response.status(), took);
    }
}

fn add_headers(response: &mut ServiceResponse, id: &str) {
    let state = response.request().app_data::<web::Data<HttpState>>();
    let mode = state.map_or(Mode::Production, |state| state.mode);
    let headers = response.headers_mut();
    for (name, value) in standing_headers(mode) {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    // Pages set their own caching; responses of the API are not cached.
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(request_id::HEADER.clone(), id);
    }
}

/// Logs the cause of a fault, which no client receives.
fn log_fault(response: &ServiceResponse, request_id: &str) {
    if response.status().is_server_error() {
        let known = response.response().error().and_then(|error| error.as_error::<ApiError>());
        let cause =
            known.map_or_else(|| "error in the HTTP framework".to_owned(), ToString::to_string);
        tracing::error!(request_id, cause, "request failed");
    }
}
