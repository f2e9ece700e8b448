//! Keeps pages of unknown origins from acting with a user's cookies (OWASP ASVS 3.5.1).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};
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
    // The path as the router reads it: a client may write any letter of it percent-encoded.
    is_cookie_carried || routes::is_sign_in(request.match_info().as_str())
}

/// Whether every `Origin` of the request is known; `null` never is.
fn is_known(headers: &HeaderMap, state: &HttpState) -> bool {
    let mut origins = headers.get_all(header::ORIGIN);
    origins.all(|origin| origin.to_str().is_ok_and(|origin| state.knows_origin(origin)))
}
