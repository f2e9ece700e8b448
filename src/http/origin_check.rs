//! Keeps pages of unknown origins from acting with a user's cookies (OWASP ASVS 3.5.1).

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, web};
use url::{Host, Url};

use super::cookies::CookieName;
use super::error::ApiError;
use super::extract::bearer;
use super::request_span::Ids;
use super::routes;
use super::state::HttpState;
use crate::config::Mode;

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
    if headers.get(FETCH_SITE).is_some_and(|site| site == CROSS_SITE)
        && signs_in(request)
        && let Some(state) = request.app_data::<web::Data<HttpState>>()
    {
        warn_of_another_site(headers, state);
    }
}

fn warn_of_another_site(headers: &HeaderMap, state: &HttpState) {
    let origin = for_the_log(headers);
    state.cross_site_page.call_once(|| {
        tracing::warn!(
            origin,
            "a page of another site calls this service, and browsers will not keep its cookies: open page and \
             service at the same host (http://localhost, not http://127.0.0.1), or at hosts of one domain"
        );
    });
}

/// Logs why a page was refused. One at a loopback address would not get cookies from a service at `localhost` if it
/// were in `CLIENT_ORIGIN` either.
pub fn log_refusal(request: &HttpRequest, ids: Ids<'_>, code: &str) {
    let headers = request.headers();
    let mut advice = "add its origin to CLIENT_ORIGIN";
    if let Some(state) = request.app_data::<web::Data<HttpState>>()
        && state.mode == Mode::Development
        && is_loopback_of_another_site(headers)
    {
        warn_of_another_site(headers, state);
        advice = "open it at http://localhost, or add its origin to CLIENT_ORIGIN if it needs no cookies";
    }
    let (origin, request_id, trace_id) = (for_the_log(headers), ids.request, ids.trace());
    tracing::info!(
        request_id,
        trace_id,
        code,
        origin,
        "a page of an unknown origin was refused; if it is yours, {advice}"
    );
}

/// Whether the page is at a loopback address, and the service at another host. Browsers say the latter themselves,
/// except in some preflights.
fn is_loopback_of_another_site(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(page) = text(header::ORIGIN).and_then(|origin| Url::parse(origin).ok()) else {
        return false;
    };
    let is_loopback = match page.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    };
    let own_host = || Url::parse(&format!("http://{}", text(header::HOST)?)).ok();
    is_loopback
        && match text(FETCH_SITE) {
            Some(site) => site == CROSS_SITE,
            None => own_host().is_none_or(|own| own.host() != page.host()),
        }
}

/// Where a page is, relative to what it calls, as its browser says (W3C Fetch Metadata).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const CROSS_SITE: &str = "cross-site";

/// The longest origin that is logged, in bytes: a host name has at most 253.
const LONGEST: usize = 300;

/// The origin that a request names, or what is wrong with it: a client can send anything.
fn for_the_log(headers: &HeaderMap) -> &str {
    match headers.get(header::ORIGIN).map(HeaderValue::to_str) {
        Some(Ok(origin)) if origin.len() <= LONGEST => origin,
        Some(Ok(_)) => "too long",
        Some(Err(_)) => "not printable",
        None => "none",
    }
}
