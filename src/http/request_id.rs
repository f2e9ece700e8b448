//! The name of a request, in and out.

use actix_web::http::header::{HeaderMap, HeaderName};
use data_encoding::BASE64URL_NOPAD;

/// The header that carries it.
pub static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The caller's name for the request where it is a plain one, else a random one: it is written to
/// logs and answers, so nothing else of a caller's choice may be in it.
pub fn of(headers: &HeaderMap) -> String {
    let given = headers.get(&HEADER).and_then(|value| value.to_str().ok());
    let plain = given.filter(|id| {
        (8..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    });
    plain.map_or_else(|| BASE64URL_NOPAD.encode(&rand::random::<[u8; 12]>()), str::to_owned)
}
