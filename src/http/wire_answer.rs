//! Responses that are written to a connection directly, without the framework. They have what every other
//! error has: a problem as body, and CORS headers, without which a browser hides the response.

use actix_web::ResponseError;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;

use super::cors;
use super::error::ApiError;
use super::request_id;
use super::security_headers::security_headers;
use super::state::HttpState;

/// Bytes of a request in which its origin is looked for.
pub const HEAD: usize = 8 * 1024;

/// Whether a request's head ends in these bytes.
pub fn is_whole(head: &[u8]) -> bool {
    head.windows(4).any(|end| end == b"\r\n\r\n")
}

/// Whether the headers of a request have begun in these bytes, and not ended.
pub fn is_within_headers(head: &[u8]) -> bool {
    head.contains(&b'\n') && !is_whole(head)
}

/// The status of an error response that the framework made by itself: the service's own responses
/// have a request id.
pub fn bare_status(bytes: &[u8]) -> Option<StatusCode> {
    let status = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    let status = StatusCode::from_bytes(status).ok()?;
    let is_error = status.is_client_error() || status.is_server_error();
    let has_id = |bytes: &[u8]| {
        let name = request_id::HEADER.as_str().as_bytes();
        bytes.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name))
    };
    (is_error && !has_id(bytes)).then_some(status)
}

/// A complete response to the request with this head, after which the connection closes.
pub fn answer(error: &ApiError, head: &[u8], state: &HttpState) -> Vec<u8> {
    let (id, status) = (request_id::of(&HeaderMap::new()), error.status_code());
    tracing::info!(
        request_id = id,
        status = status.as_u16(),
        code = error.code(),
        "request rejected before routing"
    );
    let body = error.body(&id);
    let mut answer = format!(
        "HTTP/1.1 {status}\r\n\
         content-type: application/problem+json\r\n\
         content-length: {length}\r\n\
         connection: close\r\n\
         cache-control: no-store\r\n\
         {name}: {id}\r\n\
         vary: Origin\r\n",
        length = body.len(),
        name = request_id::HEADER,
    )
    .into_bytes();
    let mut add = |name: &str, value: &[u8]| {
        answer.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    };
    for (name, value) in security_headers(state.mode) {
        add(name.as_str(), value.as_bytes());
    }
    for (name, value) in error.error_response().headers() {
        add(name.as_str(), value.as_bytes());
    }
    if let Some(origin) = origin(head).filter(|origin| state.may_read(origin)) {
        add("access-control-allow-credentials", b"true");
        add("access-control-allow-origin", origin.as_bytes());
        add("access-control-expose-headers", cors::exposed().join(", ").as_bytes());
    }
    answer.extend([b"\r\n", body.as_bytes()].concat());
    answer
}

/// The origin that a request names, however broken the rest of it is.
fn origin(head: &[u8]) -> Option<&str> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let line = std::str::from_utf8(line).ok()?.trim();
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("origin").then(|| value.trim())
    })
}
