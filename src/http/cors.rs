//! Which other origins' pages may read the responses.

use actix_cors::Cors;
use actix_web::http::header;

use super::request_id;
use super::state::HttpState;

/// Headers that a page of another origin may read, besides the few that browsers always show.
pub fn exposed() -> [&'static str; 3] {
    [header::RETRY_AFTER.as_str(), header::WWW_AUTHENTICATE.as_str(), request_id::HEADER.as_str()]
}

/// CORS for the configured client origins, with cookies.
pub fn cors(state: &HttpState) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allow_any_header()
        .expose_headers(exposed())
        .supports_credentials()
        .max_age(3_600);
    state.config.client_origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
}
