//! Request ids: the caller's or a random one.

use actix_web::http::header::{HeaderMap, HeaderName};
use data_encoding::BASE64URL_NOPAD;

/// The header that carries it.
pub static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The caller's id for the request if it is well formed, otherwise a random one. It is written to logs
/// and responses, so a caller may choose only plain characters.
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
