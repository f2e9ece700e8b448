//! The web UI and the pages of the API's description, built into the program. None of them loads anything
//! from another host.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::Embed;

use super::asset::{Asset, accepts_html, isolate};
use super::error::ApiError;
use super::state::HttpState;
use super::web_ui;

/// The files of `web/`.
#[derive(Embed)]
#[folder = "web/"]
#[exclude = "vendor/*.md"]
struct Files;

/// The content security policy: nothing from other hosts, no inline script, no `eval`.
const STRICT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'";

/// For the operator's logo: an SVG that somebody opens runs no script, and loads nothing.
const IMAGE: &str =
    "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

/// The vendored documentation pages set styles by script, and search in a worker.
const DOCUMENTS: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Every file, compressed once. The name of a file that is stored compressed says so.
static ASSETS: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let files = Files::iter().filter_map(|name| Some((Files::get(&name)?, name)));
    files
        .filter_map(|(file, name)| match name.strip_suffix(".gz") {
            Some(plain) => Some((plain.to_owned(), Asset::new(plain, shared(file.data)))),
            None => Some((name.to_string(), Asset::compressed(&name, &file.data).ok()?)),
        })
        .collect()
});

/// The text of a built-in file.
pub fn source(name: &str) -> Option<String> {
    Some(std::str::from_utf8(&Files::get(name)?.data).ok()?.to_owned())
}

/// `GET /`: redirects to the web UI.
pub async fn root() -> HttpResponse {
    redirect("/static/index.html")
}

/// `GET /static/…`: the web UI and what its pages load.
pub async fn file(
    request: HttpRequest,
    state: web::Data<HttpState>,
    path: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    let (path, headers) = (path.as_str(), request.headers());
    match state.branded(path) {
        Some(logo) if path == web_ui::logo(&state.brand) => logo.answer(headers, IMAGE),
        Some(branded) => branded.answer(headers, STRICT),
        None => match ASSETS.get(path) {
            Some(asset) => asset.answer(headers, STRICT),
            None => not_found(request, state).await,
        },
    }
}

/// Answers a request for an unknown path: a browser that opens it gets a page, everyone else a problem. Browsers ask
/// for `/favicon.ico` unless a page names an icon.
pub async fn not_found(
    request: HttpRequest,
    state: web::Data<HttpState>,
) -> Result<HttpResponse, ApiError> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads && request.path() == "/favicon.ico" {
        return Ok(redirect(&format!("/static/{}", web_ui::logo(&state.brand))));
    }
    if !(reads && accepts_html(request.headers())) {
        return Err(ApiError::NotFound);
    }
    let page = state.branded("missing.html").ok_or(ApiError::NotFound)?;
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
    state.description()?.answer(request.headers(), STRICT)
}

/// Redirects to a page.
pub fn redirect(to: &str) -> HttpResponse {
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

/// A file's bytes: in the program or, in a development build, in memory.
fn shared(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(built_in) => Bytes::from_static(built_in),
        Cow::Owned(read) => read.into(),
    }
}
