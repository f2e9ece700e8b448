//! The outermost middleware: assigns the request id, writes problems, adds common headers, and logs.

use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::error::ApiError;
use super::exchange::Exchange;
use super::origin_check;
use super::request_id;
#[cfg(feature = "otlp")]
use super::request_span::Answered;
use super::request_span::{Ids, RequestSpan};
use super::security_headers::security_headers;
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
    let state = request.app_data::<web::Data<HttpState>>();
    let _in_flight = state.map(|state| state.metrics.http.begin());
    let id = request_id::of(request.headers());
    let span = RequestSpan::begin(request.headers());
    let ids = Ids { request: &id, trace: span.trace() };
    let mut response = next.call(request).await?.map_into_boxed_body();
    let (route, took) = (response.request().match_pattern(), begun.elapsed());
    log_fault(&response, ids);
    log_refused_origin(&response, ids);
    log_answer(ids, &response, route.as_deref(), took);
    #[cfg(feature = "otlp")]
    span.end(&answered(&response, route.as_deref(), &id));
    count(&response, route.as_deref(), took);
    response = write_problem(response, &id);
    add_headers(&mut response, &id);
    close_if_stopping(&mut response);
    Ok(response)
}

/// Writes the body of a problem.
fn write_problem(response: ServiceResponse, id: &str) -> ServiceResponse {
    if !is_problem(&response) {
        return response;
    }
    let other = || ApiError::Other(response.status()).body(id);
    let body = api_error(&response).map_or_else(other, |error| error.body(id));
    let (request, response) = response.into_parts();
    let mut response = response.set_body(BoxBody::new(body));
    let problem = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, problem);
    ServiceResponse::new(request, response)
}

/// Whether the response is an error whose body its handler did not write.
fn is_problem(response: &ServiceResponse) -> bool {
    let is_written = response.headers().contains_key(header::CONTENT_TYPE)
        && response.response().error().is_none();
    is_error(response.status()) && !is_written
}

/// The error that the response was made from, unless it is the framework's.
fn api_error(response: &ServiceResponse) -> Option<&ApiError> {
    response.response().error()?.as_error()
}

/// A method's name for labels and logs. A client may invent methods of any length, so unknown ones
/// share one name.
fn method_label(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::DELETE => method.as_str(),
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(feature = "otlp")]
fn answered<'a>(
    response: &'a ServiceResponse,
    route: Option<&'a str>,
    request_id: &'a str,
) -> Answered<'a> {
    let (method, status) = (method_label(response.request().method()), response.status().as_u16());
    Answered { method, route, status, code: code(response), request_id }
}

fn log_answer(ids: Ids<'_>, response: &ServiceResponse, route: Option<&str>, took: Duration) {
    let (method, status) = (method_label(response.request().method()), response.status());
    let log = if is_error(status) { log_error } else { log_success };
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    log(ids, (method, route), (status.as_u16(), code(response)), ms);
}

/// The code of the problem, if the response is one.
fn code(response: &ServiceResponse) -> Option<&'static str> {
    let other = || ApiError::Other(response.status()).code();
    is_problem(response).then(|| api_error(response).map_or_else(other, ApiError::code))
}

fn is_error(status: StatusCode) -> bool {
    status.is_client_error() || status.is_server_error()
}

type Call<'a> = (&'a str, Option<&'a str>);
type Outcome = (u16, Option<&'static str>);

fn log_error(ids: Ids<'_>, (method, route): Call<'_>, (status, code): Outcome, ms: u64) {
    let (request_id, trace_id) = (ids.request, ids.trace());
    tracing::info!(request_id, trace_id, method, route, status, code, ms, "request completed");
}

/// Successes are logged at `debug`: they are counted in any case.
fn log_success(ids: Ids<'_>, (method, route): Call<'_>, (status, _): Outcome, ms: u64) {
    let (request_id, trace_id) = (ids.request, ids.trace());
    tracing::debug!(request_id, trace_id, method, route, status, ms, "request completed");
}

fn count(response: &ServiceResponse, route: Option<&str>, took: Duration) {
    let request = response.request();
    if let Some(state) = request.app_data::<web::Data<HttpState>>() {
        // Paths without a route share one label.
        let (method, route) = (method_label(request.method()), route.unwrap_or("none"));
        state.metrics.http.answered(method, route, response.status().as_str(), took);
    }
}

fn add_headers(response: &mut ServiceResponse, id: &str) {
    let state = response.request().app_data::<web::Data<HttpState>>();
    let mode = state.map_or(Mode::Production, |state| state.mode);
    let headers = response.headers_mut();
    for (name, value) in security_headers(mode) {
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

/// Sends `Connection: close` while the service stops: the client's next request then opens another connection, which
/// another instance may accept.
fn close_if_stopping(response: &mut ServiceResponse) {
    if is_stopping(response) {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
}

fn is_stopping(response: &ServiceResponse) -> bool {
    let state = response.request().app_data::<web::Data<HttpState>>();
    state.is_some_and(|state| state.is_stopping())
}

/// Logs the cause of a fault, which no client receives. That a service which stops is not ready is none.
fn log_fault(response: &ServiceResponse, ids: Ids<'_>) {
    let is_planned =
        matches!(api_error(response), Some(ApiError::NotReady)) && is_stopping(response);
    if response.status().is_server_error() && !is_planned {
        let other = || "error in the HTTP framework".to_owned();
        let cause = api_error(response).map_or_else(other, ToString::to_string);
        let (request_id, trace_id) = (ids.request, ids.trace());
        tracing::error!(request_id, trace_id, cause, "request failed");
    }
}

/// Logs why a page was refused: its author sees a failed call, and rarely the cause.
fn log_refused_origin(response: &ServiceResponse, ids: Ids<'_>) {
    if let Some(error @ ApiError::OriginNotAllowed) = api_error(response) {
        origin_check::log_refusal(response.request(), ids, error.code());
    }
}
