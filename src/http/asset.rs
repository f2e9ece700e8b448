//! A file as it is served: compressed once, with its `ETag` and security headers.

use std::io::{self, Read, Write};
use std::sync::OnceLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::error::ApiError;

/// A file as it is served.
pub struct Asset {
    content_type: String,
    gzipped: Bytes,
    /// Decompressed when a client first asks for it, then kept: that takes milliseconds of the worker's time.
    plain: OnceLock<Bytes>,
    etag: String,
}

impl Asset {
    /// A file that is compressed already.
    pub fn new(name: &str, gzipped: Bytes) -> Self {
        let etag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(&gzipped)));
        let guess = mime_guess::from_path(name).first_or_octet_stream();
        let content_type = match (guess.type_(), guess.subtype()) {
            (mime_guess::mime::TEXT, _) => format!("{guess}; charset=utf-8"),
            _ => guess.to_string(),
        };
        Self { content_type, gzipped, plain: OnceLock::new(), etag }
    }

    /// A file that is not compressed.
    ///
    /// # Errors
    ///
    /// Compression errors.
    pub fn compressed(name: &str, plain: &[u8]) -> io::Result<Self> {
        Ok(Self::new(name, gzip(plain)?.into()))
    }

    /// The file, or 304 if the client already has it (RFC 9110, section 13.1.2). Clients revalidate each
    /// time, so that nobody uses an old page with a new service.
    pub fn answer(
        &self,
        headers: &HeaderMap,
        policy: &'static str,
    ) -> Result<HttpResponse, ApiError> {
        let is_known = headers
            .get_all(header::IF_NONE_MATCH)
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|tag| tag.trim().trim_start_matches("W/") == self.etag || tag.trim() == "*");
        if !is_known {
            return self.whole(StatusCode::OK, headers, policy);
        }
        let mut answer = HttpResponse::NotModified();
        self.describe(&mut answer, policy);
        Ok(answer.finish())
    }

    /// The headers of every response for this file.
    fn describe(&self, answer: &mut HttpResponseBuilder, policy: &'static str) {
        isolate(answer);
        answer
            .insert_header((header::ETAG, self.etag.as_str()))
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::VARY, "Accept-Encoding"))
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .insert_header((header::REFERRER_POLICY, "no-referrer"));
    }

    /// The whole file, compressed for clients that accept that.
    pub fn whole(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        policy: &'static str,
    ) -> Result<HttpResponse, ApiError> {
        let mut answer = HttpResponse::build(status);
        self.describe(&mut answer, policy);
        answer.insert_header((header::CONTENT_TYPE, self.content_type.as_str()));
        if accepts_gzip(headers) {
            answer.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip")));
            return Ok(answer.body(self.gzipped.clone()));
        }
        Ok(answer.body(self.plain()?))
    }

    /// The uncompressed file. A stored file that cannot be decompressed counts as not found.
    fn plain(&self) -> Result<Bytes, ApiError> {
        if let Some(plain) = self.plain.get() {
            return Ok(plain.clone());
        }
        let mut plain = Vec::new();
        GzDecoder::new(self.gzipped.as_ref())
            .read_to_end(&mut plain)
            .map_err(|_cause| ApiError::NotFound)?;
        Ok(self.plain.get_or_init(|| plain.into()).clone())
    }
}

/// Keeps pages of other origins from embedding a page or holding a handle to its window.
pub fn isolate(answer: &mut HttpResponseBuilder) {
    answer
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .insert_header((header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"));
}

/// Whether the client accepts HTML. Browsers name it; other clients send `*/*` or nothing.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    quality(headers, &header::ACCEPT, "text/html").is_some_and(|quality| quality > 0.0)
}

/// Whether the client accepts gzip. `*` covers only codings that are not listed (RFC 9110, section 12.5.3).
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let of = |coding| quality(headers, &header::ACCEPT_ENCODING, coding);
    of("gzip").or_else(|| of("*")).is_some_and(|quality| quality > 0.0)
}

/// The quality that a header of the client gives to a choice, if it lists it (RFC 9110, section 12.4.2); 0 if it
/// cannot be parsed.
fn quality(headers: &HeaderMap, header: &HeaderName, choice: &str) -> Option<f32> {
    let values = headers.get_all(header).filter_map(|value| value.to_str().ok());
    let qualities = values.flat_map(|value| value.split(',')).filter_map(|listed| {
        let (name, parameters) = listed.split_once(';').unwrap_or((listed, ""));
        let quality = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse);
        name.trim().eq_ignore_ascii_case(choice).then(|| quality.unwrap_or_default())
    });
    qualities.reduce(f32::max)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
