//! Keeps pages of unknown origins from acting with a user's cookies (OWASP ASVS 3.5.1).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use super::cookies::CookieName;
use super::error::ApiError;
use super::extract::bearer;
use super::routes;
use super::state::HttpState;

/// Refuses unsafe requests with a cookie, and any login, whose `Origin` is neither the service's own
/// nor a configured client's. A command-line client sends none.
///
/// # Errors
///
/// The errors of the inner service.
pub async fn require_known_origin(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if let Some(state) = request.app_data::<web::Data<HttpState>>()
        && is_guarded(&request, state)
        && !is_known(request.headers(), state)
    {
        return Ok(request.error_response(ApiError::OriginNotAllowed));
    }
    warn_of_cross_site_login(&request);
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn is_guarded(request: &ServiceRequest, state: &HttpState) -> bool {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return false;
    }
    let headers = request.headers();
    let carries_cookie = [CookieName::Session, CookieName::Login]
        .iter()
        .any(|name| name.read(headers, state.mode).is_some());
    let is_cookie_carried = carries_cookie && bearer(headers).is_none();
    is_cookie_carried || signs_in(request)
}

/// Whether every `Origin` of the request is known; `null` never is.
fn is_known(headers: &HeaderMap, state: &HttpState) -> bool {
    let mut origins = headers.get_all(header::ORIGIN);
    origins.all(|origin| origin.to_str().is_ok_and(|origin| state.knows_origin(origin)))
}

/// The path as the router reads it: a client may write any letter of it percent-encoded.
fn signs_in(request: &ServiceRequest) -> bool {
    routes::is_sign_in(request.match_info().as_str())
}

/// Warns once if a page of another site signs a user in: the browser will not keep a `SameSite=Lax` cookie, and
/// says so only in its developer tools.
fn warn_of_cross_site_login(request: &ServiceRequest) {
    let headers = request.headers();
    let is_cross_site = headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site");
    if is_cross_site
        && signs_in(request)
        && let Some(state) = request.app_data::<web::Data<HttpState>>()
    {
        let origin = for_the_log(headers);
        state.cross_site_login.call_once(|| {
            tracing::warn!(
                origin,
                "a page of another site signs users in, and browsers will not keep its cookies: open page and \
                 service at the same host (http://localhost, not http://127.0.0.1), or at hosts of one domain"
            );
        });
    }
}

/// The longest origin that is logged, in bytes: a host name has at most 253.
const LONGEST: usize = 300;

/// The origin that a request names, or what is wrong with it: a client can send anything.
pub fn for_the_log(headers: &HeaderMap) -> &str {
    match headers.get(header::ORIGIN).map(HeaderValue::to_str) {
        Some(Ok(origin)) if origin.len() <= LONGEST => origin,
        Some(Ok(_)) => "too long",
        Some(Err(_)) => "not printable",
        None => "none",
    }
}
