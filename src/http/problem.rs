//! What went wrong, as callers are told: problem details (RFC 9457). The only place that turns a
//! reason into a status.

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use chrono::TimeDelta;
use serde::Serialize;

use crate::flows::error::AuthError;

/// Why a call is not answered as its caller wished.
#[derive(Debug)]
pub enum ApiError {
    /// A flow's reason.
    Auth(AuthError),
    /// Fields that break rules.
    Invalid(Vec<FieldFault>),
    /// A body that is no JSON.
    MalformedJson,
    /// A body that is JSON and not an object, or names a key twice.
    UnfitJson(&'static str),
    /// A body of another type than JSON.
    UnsupportedMediaType,
    /// A body over the limit.
    BodyTooLarge,
    /// A body that did not arrive in time.
    BodyTimeout,
    /// A body whose transfer broke off.
    BodyBroken,
    /// A page of an origin that may not act with cookies.
    OriginNotAllowed,
    /// A user id that is none.
    InvalidUserId(String),
    /// A user id that is not the session's own.
    UnknownUserId(String),
    /// The service is not ready, or about to stop.
    NotReady,
    /// A path that does not exist.
    NotFound,
    /// A method that the path does not take; the ones it does.
    MethodNotAllowed(String),
    /// Another status that the framework chose.
    Other(StatusCode),
}

/// A field that breaks a rule.
#[derive(Clone, Debug, Serialize)]
pub struct FieldFault {
    /// The field's name.
    pub field: &'static str,
    /// The rule's name.
    pub code: &'static str,
    /// A sentence for the person who filled it in.
    pub message: String,
}

/// The body of an answer that is no success.
#[derive(Serialize)]
pub struct Problem<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    message: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[FieldFault]>::is_empty")]
    errors: &'a [FieldFault],
}

/// A status, a stable code and a sentence.
struct Told(StatusCode, &'static str, Cow<'static, str>);

impl ApiError {
    /// The problem as JSON, for the request with this id.
    pub fn body(&self, request_id: &str) -> String {
        let Told(status, code, detail) = self.told();
        let errors: &[FieldFault] = match self {
            Self::Invalid(faults) => faults,
            _ => &[],
        };
        let problem = Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: &detail,
            code,
            message: &detail,
            request_id,
            errors,
        };
        serde_json::to_string(&problem).unwrap_or_default()
    }

    fn told(&self) -> Told {
        let told = |status, code, detail: &'static str| Told(status, code, Cow::Borrowed(detail));
        match self {
            Self::Auth(error) => told_of_auth(error),
            Self::Invalid(faults) => {
                let first = faults.first().map_or("Please check your input.", |f| &f.message);
                Told(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields", first.to_owned().into())
            }
            Self::MalformedJson => told(
                StatusCode::BAD_REQUEST,
                "malformed_json",
                "The request could not be read: its body is not valid JSON.",
            ),
            Self::UnfitJson(detail) => {
                told(StatusCode::UNPROCESSABLE_ENTITY, "unfit_json", detail)
            }
            Self::UnsupportedMediaType => told(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The request could not be read: its body must be sent as application/json.",
            ),
            Self::BodyTooLarge => told(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                "The request is too large: its body may have at most 16 KiB.",
            ),
            Self::BodyTimeout => told(
                StatusCode::REQUEST_TIMEOUT,
                "body_timeout",
                "The request took too long to arrive. Please try again.",
            ),
            Self::BodyBroken => told(
                StatusCode::BAD_REQUEST,
                "body_broken",
                "The request did not arrive whole. Please try again.",
            ),
            Self::OriginNotAllowed => told(
                StatusCode::FORBIDDEN,
                "origin_not_allowed",
                "This page may not use this service.",
            ),
            Self::InvalidUserId(id) => {
                Told(StatusCode::BAD_REQUEST, "invalid_id", format!("Invalid id: {id}").into())
            }
            Self::UnknownUserId(id) => Told(
                StatusCode::NOT_FOUND,
                "user_not_found",
                format!("No user with this id: {id} found").into(),
            ),
            Self::NotReady => told(
                StatusCode::SERVICE_UNAVAILABLE,
                "not_ready",
                "The service is not ready. Please try again in a moment.",
            ),
            Self::NotFound => {
                told(StatusCode::NOT_FOUND, "not_found", "There is nothing at this address.")
            }
            Self::MethodNotAllowed(_) => told(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "This address does not take this method.",
            ),
            Self::Other(status) => told_of_framework(*status),
        }
    }

    /// How long to wait before trying again, where waiting helps.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Auth(AuthError::TooManyAttempts(wait)) => Some(seconds(*wait)),
            Self::Auth(AuthError::Busy | AuthError::Unavailable) | Self::NotReady => Some(2),
            _ => None,
        }
    }

    /// Headers that belong to the answer.
    fn headers(&self, status: StatusCode) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers = Vec::new();
        if status == StatusCode::UNAUTHORIZED {
            headers.push((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        if let Some(seconds) = self.retry_after() {
            headers.push((header::RETRY_AFTER, HeaderValue::from(seconds)));
        }
        if let Self::MethodNotAllowed(allowed) = self
            && let Ok(allowed) = HeaderValue::from_str(allowed)
        {
            headers.push((header::ALLOW, allowed));
        }
        headers
    }
}

fn told_of_auth(error: &AuthError) -> Told {
    let told = |status, code, detail: &'static str| Told(status, code, Cow::Borrowed(detail));
    match error {
        AuthError::AccountExists => {
            told(StatusCode::CONFLICT, "account_exists", "Account already exist")
        }
        AuthError::IncorrectCredentials => told(
            StatusCode::BAD_REQUEST,
            "incorrect_credentials",
            "Incorrect Email or Password",
        ),
        AuthError::AccountDisabled => told(
            StatusCode::FORBIDDEN,
            "account_disabled",
            "This account was disabled by the operator of this service.",
        ),
        AuthError::NotAuthenticated => {
            told(StatusCode::UNAUTHORIZED, "not_authenticated", "Please log in.")
        }
        AuthError::LoginExpired => told(
            StatusCode::UNAUTHORIZED,
            "login_expired",
            "Your login has expired, please log in again.",
        ),
        AuthError::OtpRequired => told(
            StatusCode::FORBIDDEN,
            "otp_required",
            "Please enter the code from your authenticator app first.",
        ),
        AuthError::ReauthenticationRequired => told(
            StatusCode::FORBIDDEN,
            "reauthentication_required",
            "Please log in again to do this.",
        ),
        AuthError::NoAuthenticator => {
            told(StatusCode::UNAUTHORIZED, "otp_not_verified", "OTP must be verified first")
        }
        AuthError::WrongCode => told(
            StatusCode::BAD_REQUEST,
            "otp_invalid",
            "Token is invalid or user doesn't exist",
        ),
        AuthError::CodeAlreadyUsed => told(
            StatusCode::BAD_REQUEST,
            "otp_already_used",
            "This code was already used. Wait for the next one.",
        ),
        AuthError::WrongPassword => {
            told(StatusCode::BAD_REQUEST, "incorrect_password", "This password is not correct.")
        }
        AuthError::OtpNotEnabled => told(
            StatusCode::CONFLICT,
            "otp_not_enabled",
            "Two-factor authentication is off for this account.",
        ),
        AuthError::OtpAlreadyVerified => told(
            StatusCode::CONFLICT,
            "otp_already_verified",
            "The authenticator app is set up already; its QR code is not shown again.",
        ),
        AuthError::SessionNotFound => {
            told(StatusCode::NOT_FOUND, "session_not_found", "This session does not exist.")
        }
        AuthError::TooManyAttempts(wait) => Told(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_attempts",
            format!("Too many attempts. Please try again in {}.", spoken(*wait)).into(),
        ),
        AuthError::Busy => told(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "The service is busy. Please try again in a moment.",
        ),
        AuthError::Unavailable => told(
            StatusCode::SERVICE_UNAVAILABLE,
            "database_unavailable",
            "The service cannot answer right now. Please try again in a moment.",
        ),
        AuthError::Fault(_) => told_of_framework(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

fn told_of_framework(status: StatusCode) -> Told {
    let (code, detail) = match status {
        StatusCode::NOT_FOUND => ("not_found", "There is nothing at this address."),
        StatusCode::BAD_REQUEST => ("bad_request", "The request could not be understood."),
        StatusCode::PAYLOAD_TOO_LARGE => ("body_too_large", "The request is too large."),
        StatusCode::REQUEST_TIMEOUT => {
            ("request_timeout", "The request took too long to arrive. Please try again.")
        }
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            ("headers_too_large", "The request's headers are too large.")
        }
        status if status.is_client_error() => {
            ("request_refused", "The request could not be accepted.")
        }
        _ => ("internal_error", "Something went wrong on our side. Please try again later."),
    };
    Told(status, code, Cow::Borrowed(detail))
}

fn seconds(wait: TimeDelta) -> u64 {
    let rounded_up = (wait.num_milliseconds() + 999) / 1_000;
    u64::try_from(rounded_up).unwrap_or_default().max(1)
}

/// A wait as one says it.
fn spoken(wait: TimeDelta) -> String {
    let seconds = seconds(wait);
    let (count, unit) = match seconds {
        0..=90 => (seconds, "second"),
        91..=5_400 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3_600), "hour"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth(error) => error.fmt(f),
            other => f.write_str(other.told().1),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.told().0
    }

    /// Status and headers; the edge writes the body, since it knows the request's id.
    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut answer = HttpResponse::new(status);
        for (name, value) in self.headers(status) {
            answer.headers_mut().insert(name, value);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_rounded_up_and_said_as_people_say_them() {
        assert_eq!(spoken(TimeDelta::milliseconds(29_001)), "30 seconds");
        assert_eq!(spoken(TimeDelta::milliseconds(1)), "1 second");
        assert_eq!(spoken(TimeDelta::seconds(899)), "15 minutes");
        assert_eq!(spoken(TimeDelta::hours(24)), "24 hours");
    }
}
