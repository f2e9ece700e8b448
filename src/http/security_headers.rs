//! Security headers of every response.

use actix_web::http::header::{self, HeaderName, HeaderValue};

use crate::config::Mode;

/// Headers of every response. A page sets a stricter `Cross-Origin-Resource-Policy`; the API's allows the
/// frontend, which shares its site.
pub fn security_headers(mode: Mode) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    // Subdomains are not this service's to decide about (RFC 6797, section 6.1.2).
    let hsts = (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    let always = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-site"),
    ];
    let headers = always.into_iter().chain((mode == Mode::Production).then_some(hsts));
    headers.map(|(name, value)| (name, HeaderValue::from_static(value)))
}
