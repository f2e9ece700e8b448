//! `GET /api/auth/forward`.

use actix_web::dev::Payload;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::form_urlencoded;

use crate::domain::session::Aal;
use crate::flows::access::SignedIn;
use crate::flows::error::{AuthError, TokenError};
use crate::http::error::{ApiError, FieldError};

/// What is percent-encoded in a name: everything but the unreserved characters (RFC 3986, section 2.3).
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub fn errors() -> Vec<ApiError> {
    vec![AuthError::from(TokenError::LevelTooLow).into(), ApiError::Invalid(Vec::new())]
}

/// Check a request for a reverse proxy
///
/// For a proxy on the same host, before it forwards a request to an application: 204 with the user in headers, or 401.
#[utoipa::path(
    get, path = "/api/auth/forward", tag = "Other services", operation_id = "forwardAuthentication",
    params((
        "aal" = Option<u8>, Query, description = "`2` requires a sign-in with a second factor.",
        minimum = 2, maximum = 2, nullable = false,
    )),
    responses((
        status = 204, description = "The request may pass.",
        headers(
            ("Remote-User" = String, description = "The account's id."),
            ("Remote-Email" = String, description = "The email address, if it is verified; otherwise empty."),
            ("Remote-Name" = String, description = "The user's name as percent-encoded UTF-8."),
            ("Remote-Aal" = String, description = "The assurance level: `aal1` or `aal2`."),
        ),
    )),
)]
pub async fn handle(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let caller = SignedIn::from_request(&request, &mut Payload::None).await.map_err(anonymous)?;
    if asks_for_two(request.query_string())? {
        caller.require_level(Aal::Two)?;
    }
    let account = caller.open().account();
    let email = if account.is_email_verified { account.email.as_str() } else { "" };
    let name = utf8_percent_encode(account.name.as_str(), NAME).to_string();
    let mut answer = HttpResponse::NoContent();
    for (header, value) in [
        ("remote-user", account.id.to_string().as_str()),
        ("remote-email", email),
        ("remote-name", &name),
        ("remote-aal", caller.level().as_str()),
    ] {
        let value = HeaderValue::from_str(value).map_err(|bad| AuthError::Fault(bad.into()))?;
        answer.insert_header((HeaderName::from_static(header), value));
    }
    Ok(answer.finish())
}

/// A login whose second factor is missing is not a sign-in.
fn anonymous(error: ApiError) -> ApiError {
    match error {
        ApiError::Auth(AuthError::OtpRequired) => AuthError::NotAuthenticated.into(),
        other => other,
    }
}

/// Whether the query asks for two factors. Whatever else is called like it is refused: a typing error in the configuration
/// of a proxy must not let users pass who have one factor only. Other parameters are ignored, because some proxies
/// pass on those of the client.
fn asks_for_two(query: &str) -> Result<bool, ApiError> {
    let mut asks = false;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if !name.to_ascii_lowercase().starts_with("aal") {
            continue;
        }
        if (name.as_ref(), value.as_ref()) != ("aal", "2") {
            let message = "The parameter \"aal\" can only be written aal=2.".to_owned();
            let fault = FieldError { field: "aal", code: "aal_invalid", message };
            return Err(ApiError::Invalid(vec![fault]));
        }
        asks = true;
    }
    Ok(asks)
}
