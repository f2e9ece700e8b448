//! What people look at: the web UI and the documents' pages, built into the program. Nothing of them
//! loads anything from another host.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::{LazyLock, OnceLock};

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rust_embed::Embed;
use sha2::{Digest, Sha256};

use super::openapi;
use super::problem::ApiError;
use super::state::HttpState;

/// The files of `web/`.
#[derive(Embed)]
#[folder = "web/"]
#[exclude = "vendor/*.md"]
struct Files;

/// A file as it is served.
struct Asset {
    content_type: String,
    gzipped: Bytes,
    /// Unpacked when a client first asks for it so, then kept: unpacking takes milliseconds of the worker's time.
    plain: OnceLock<Bytes>,
    etag: String,
}

/// What may load what: nothing from elsewhere, no inline script, no `eval`.
const STRICT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// The vendored documents' pages set styles by script, and search in a worker.
const DOCUMENTS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Every file, compressed once: those that come compressed have it in their names.
static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let files = Files::iter().filter_map(|name| Some((Files::get(&name)?, name)));
    files
        .filter_map(|(file, name)| match name.strip_suffix(".gz") {
            Some(plain) => Some((plain.to_owned(), Asset::new(plain, shared(file.data)))),
            None => Some((name.to_string(), Asset::new(&name, gzip(&file.data).ok()?.into()))),
        })
        .collect()
});

/// The description of the API, of a service at its public origin.
pub struct Description(Option<Asset>);

impl Description {
    /// The description for a service that is reached at `origin`.
    pub fn new(origin: &str) -> Self {
        let document = openapi::document(origin).to_json().ok();
        let gzipped = document.and_then(|text| gzip(text.as_bytes()).ok());
        Self(gzipped.map(|gzipped| Asset::new("openapi.json", gzipped.into())))
    }
}

/// `GET /`: the way to the web UI.
pub async fn root() -> HttpResponse {
    redirect("/static/index.html")
}

/// `GET /static/…`: the web UI and what its pages load.
pub async fn file(request: HttpRequest, path: web::Path<String>) -> Result<HttpResponse, ApiError> {
    match ASSETS.get(path.as_str()) {
        Some(asset) => asset.answer(request.headers(), STRICT),
        None => nowhere(request).await,
    }
}

/// Answers a request for an unknown path: a browser that opens it gets a page, everyone else a problem. Browsers ask
/// for `/favicon.ico` unless a page names an icon.
pub async fn nowhere(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && request.path() == "/favicon.ico" {
        return Ok(redirect("/static/icon.svg"));
    }
    if !(reads && accepts(request.headers(), &header::ACCEPT, &["text/html"])) {
        return Err(ApiError::NotFound);
    }
    let page = ASSETS.get("missing.html").ok_or(ApiError::NotFound)?;
    let mut answer = page.whole(StatusCode::NOT_FOUND, request.headers(), STRICT)?;
    answer.headers_mut().remove(header::ETAG);
    answer.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    Ok(answer)
}

/// `GET /docs`: Swagger UI.
pub async fn swagger_ui(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    serve(&request, "docs/swagger.html", DOCUMENTS)
}

/// `GET /redoc`: `ReDoc`.
pub async fn redoc(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    serve(&request, "docs/redoc.html", DOCUMENTS)
}

/// `GET /openapi.json`: the description of every call.
pub async fn openapi(
    request: HttpRequest,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, ApiError> {
    state.description.0.as_ref().ok_or(ApiError::NotFound)?.answer(request.headers(), STRICT)
}

fn redirect(to: &'static str) -> HttpResponse {
    let mut answer = HttpResponse::Found();
    isolate(&mut answer);
    answer.insert_header((header::LOCATION, to)).finish()
}

fn serve(
    request: &HttpRequest,
    path: &str,
    policy: &'static str,
) -> Result<HttpResponse, ApiError> {
    ASSETS.get(path).ok_or(ApiError::NotFound)?.answer(request.headers(), policy)
}

impl Asset {
    fn new(name: &str, gzipped: Bytes) -> Self {
        let etag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(&gzipped)));
        let guess = mime_guess::from_path(name).first_or_octet_stream();
        let content_type = match (guess.type_(), guess.subtype()) {
            (mime_guess::mime::TEXT, _) => format!("{guess}; charset=utf-8"),
            _ => guess.to_string(),
        };
        Self { content_type, gzipped, plain: OnceLock::new(), etag }
    }

    /// The file, or that the client has it already (RFC 9110, section 13.1.2). It is asked for anew each
    /// time, so that nobody keeps an old page with a new service.
    fn answer(&self, headers: &HeaderMap, policy: &'static str) -> Result<HttpResponse, ApiError> {
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

    /// The headers of every answer about this file.
    fn describe(&self, answer: &mut HttpResponseBuilder, policy: &'static str) {
        isolate(answer);
        answer
            .insert_header((header::ETAG, self.etag.as_str()))
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .insert_header((header::VARY, "Accept-Encoding"))
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .insert_header((header::REFERRER_POLICY, "no-referrer"));
    }

    /// The whole file, compressed for clients that take that.
    fn whole(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        policy: &'static str,
    ) -> Result<HttpResponse, ApiError> {
        let mut answer = HttpResponse::build(status);
        self.describe(&mut answer, policy);
        answer.insert_header((header::CONTENT_TYPE, self.content_type.as_str()));
        if accepts(headers, &header::ACCEPT_ENCODING, &["gzip", "*"]) {
            answer.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip")));
            return Ok(answer.body(self.gzipped.clone()));
        }
        Ok(answer.body(self.plain()?))
    }

    /// The uncompressed file. A stored file that cannot be unpacked is answered as one that is not there.
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
fn isolate(answer: &mut HttpResponseBuilder) {
    answer
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"))
        .insert_header((header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"));
}

/// A file's bytes where they lie: in the program, or, in a development build, in memory.
fn shared(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(built_in) => Bytes::from_static(built_in),
        Cow::Owned(read) => read.into(),
    }
}

/// Whether a header of the client names one of these choices, and not at quality zero (RFC 9110, section 12.4.2).
fn accepts(headers: &HeaderMap, header: &HeaderName, choices: &[&str]) -> bool {
    let values = headers.get_all(header).filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|choice| {
        let (name, parameters) = choice.split_once(';').unwrap_or((choice, ""));
        let quality = parameters.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        choices.contains(&name.trim()) && quality.is_ok_and(|quality| quality > 0.0)
    })
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}
