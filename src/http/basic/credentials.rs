//! `POST /auth/credentials`.

use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::domain::password::Password;
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::error::AuthError as E;
use crate::flows::log_in::Login;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::basic_pair;
use crate::http::problem::BASIC;

/// The outcome of an exchange of credentials for a token.
#[derive(Serialize, ToSchema)]
pub struct TokenResponse {
    /// The bearer token; null if there is none.
    #[schema(
        example = "ZvHAr5xZ0eKCCN9r-kT3qQm1yVh8sJd2LwXo5uBn7cFgPi4RtEaMzKlYHbv",
        required = true
    )]
    token: Option<String>,
    /// 0 success; 1 a code is required; 2 the code is wrong; 3 the credentials are wrong.
    #[schema(example = 0, minimum = 0, maximum = 3)]
    status: u8,
}

/// The contract's `status` for an error.
#[derive(Clone, Copy)]
enum Refusal {
    OtpRequired,
    WrongOtp,
    WrongCredentials,
}

pub fn errors() -> Vec<ApiError> {
    vec![too_many_attempts(), E::Busy.into()]
}

/// Exchange credentials for a bearer token
///
/// Takes the address and the password by HTTP Basic (RFC 7617) and, with two-factor authentication, a code.
#[utoipa::path(
    post, path = "/auth/credentials", tag = "Basic API", operation_id = "exchangeCredentials",
    params((
        "otp" = Option<String>, Query,
        description = "A six-digit code or a recovery code. An empty one counts as absent.",
        nullable = false,
    )),
    responses(
        (status = 200, description = "The token.", body = TokenResponse),
        (
            status = 401, description = "`status` says what is missing or wrong.",
            body = TokenResponse,
            headers(("WWW-Authenticate" = String, description = "`Basic`.")),
        ),
    ),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    client: Client,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let Some(login) = basic(request.headers()) else {
        return Ok(refuse(Refusal::WrongCredentials));
    };
    let otp = otp(request.query_string());
    // An invalid code counts as wrong, which is reported only after a correct password.
    let factor = otp.as_deref().map(SecondFactor::parse);
    let readable = factor.as_ref().and_then(|factor| factor.as_ref().ok());
    let exchanged = auth.exchange_credentials(&login, readable, &client).await;
    match exchanged {
        Ok(token) => {
            let token = Some(token.expose().to_owned());
            Ok(HttpResponse::Ok().json(TokenResponse { token, status: 0 }))
        }
        Err(E::OtpRequired) if factor.is_some() => Ok(refuse(Refusal::WrongOtp)),
        Err(E::OtpRequired) => Ok(refuse(Refusal::OtpRequired)),
        Err(E::WrongCode | E::CodeAlreadyUsed) => Ok(refuse(Refusal::WrongOtp)),
        Err(E::IncorrectCredentials | E::AccountDisabled | E::EmailNotVerified) => {
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
    let challenge = HeaderValue::from_static(BASIC);
    HttpResponse::Unauthorized()
        .insert_header((header::WWW_AUTHENTICATE, challenge))
        .json(TokenResponse { token: None, status })
}

/// The credentials in the header. Values that break the rules of the fields cannot be correct.
pub(in crate::http) fn basic(headers: &HeaderMap) -> Option<Login> {
    let (email, password) = basic_pair(headers)?;
    let email = EmailAddress::parse(&email).ok()?;
    let password = Password::parse(&password).ok()?;
    Some(Login { email, password })
}

/// The first `otp` of the query; an empty one counts as absent.
fn otp(query: &str) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let otp = pairs.find(|(name, _)| name == "otp").map(|(_, value)| value.into_owned());
    otp.filter(|otp| !otp.is_empty())
}
