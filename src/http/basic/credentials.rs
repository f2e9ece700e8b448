//! `POST /auth/credentials`: HTTP Basic (RFC 7617) and perhaps a code, for a bearer token.

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::BASE64;

use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::password::Password;
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::flows::log_in::Login;
use crate::http::answers::Traded;
use crate::http::problem::ApiError;

/// What the contract's `status` says of a refusal.
#[derive(Clone, Copy)]
enum Refusal {
    OtpRequired,
    WrongOtp,
    WrongCredentials,
}

/// Trades credentials for a bearer token.
#[utoipa::path(
post, path = "/auth/credentials", tag = "Basic → Bearer", operation_id = "exchangeCredentials",
    summary = "Trade credentials for a token",
    params(("otp" = Option<String>, Query, description = "A code or a recovery code; empty counts as absent", nullable = false)),
    responses((status = 200, description = "The token", body = Traded), (status = 401, description = "What is missing or wrong, by its `status`", body = Traded)),
)]
pub async fn exchange(
    auth: web::Data<Auth>,
    client: Client,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let Some(login) = basic(request.headers()) else {
        return Ok(refuse(Refusal::WrongCredentials));
    };
    let otp = otp(request.query_string());
    // A code that cannot be one is wrong, and is told so only after the password was right.
    let factor = otp.as_deref().map(SecondFactor::parse);
    let readable = factor.as_ref().and_then(|factor| factor.as_ref().ok());
    let exchanged = auth.exchange_credentials(&login, readable, &client).await;
    match exchanged {
        Ok(token) => {
            let token = Some(token.expose().to_owned());
            Ok(HttpResponse::Ok().json(Traded { token, status: 0 }))
        }
        Err(AuthError::OtpRequired) if factor.is_some() => Ok(refuse(Refusal::WrongOtp)),
        Err(AuthError::OtpRequired) => Ok(refuse(Refusal::OtpRequired)),
        Err(AuthError::WrongCode | AuthError::CodeAlreadyUsed) => Ok(refuse(Refusal::WrongOtp)),
        Err(AuthError::IncorrectCredentials | AuthError::AccountDisabled) => {
            Ok(refuse(Refusal::WrongCredentials))
        }
        Err(other) => Err(other.into()),
    }
}

fn refuse(refusal: Refusal) -> HttpResponse {
    let status = match refusal {
        Refusal::OtpRequired => 1,
        Refusal::WrongOtp => 2,
        Refusal::WrongCredentials => 3,
    };
    let challenge = HeaderValue::from_static(r#"Basic realm="twofold", charset="UTF-8""#);
    HttpResponse::Unauthorized()
        .insert_header((header::WWW_AUTHENTICATE, challenge))
        .json(Traded { token: None, status })
}

/// The credentials of the header; what breaks their rules cannot be right.
fn basic(headers: &HeaderMap) -> Option<Login> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = BASE64.decode(encoded.trim().as_bytes()).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (email, password) = decoded.split_once(':')?;
    let email = EmailAddress::parse(email).ok()?;
    let password = Password::parse(password).ok()?;
    Some(Login { email, password })
}

/// The first `otp` of the query; an empty one counts as absent.
fn otp(query: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let otp = pairs.find(|(name, _)| name == "otp").map(|(_, value)| value.into_owned());
    otp.filter(|otp| !otp.is_empty())
}
