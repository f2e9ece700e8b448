//! What went wrong, as callers are told: problem details (RFC 9457).

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use super::reasons::{self, Told};
use crate::flows::error::AuthError;

/// Why a call is not answered as its caller wished.
#[derive(Debug)]
pub enum ApiError {
    /// A flow's reason.
    Auth(AuthError),
    /// Fields that break rules.
    Invalid(Vec<FieldError>),
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
    /// `otp/validate` in a session of an account without an authenticator app.
    OtpNotVerified,
    /// An invalid user id.
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
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// The field's name; `body` where it is the whole.
    pub field: &'static str,
    /// The rule's name.
    pub code: &'static str,
    /// A sentence for the person who filled it in.
    pub message: String,
}

/// The body of an answer that is no success.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` says which problem it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The status in words.
    #[schema(example = "Bad Request")]
    title: &'static str,
    /// The status.
    #[schema(example = 400, minimum = 400, maximum = 599)]
    status: u16,
    /// A sentence for the person at the screen.
    detail: String,
    /// The problem's stable name.
    #[schema(example = "incorrect_credentials")]
    code: &'static str,
    /// The same as `detail`.
    message: String,
    /// The request's name in the log.
    request_id: String,
    /// Of a 422: every field that breaks a rule, or the body that has no fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

impl ApiError {
    /// The problem as JSON, for the request with this id.
    pub fn body(&self, request_id: &str) -> String {
        let Told(status, code, detail) = reasons::told(self);
        let errors = match self {
            Self::Invalid(faults) => faults.clone(),
            Self::UnfitJson(sentence) => {
                vec![FieldError { field: "body", code, message: (*sentence).to_owned() }]
            }
            _ => Vec::new(),
        };
        let detail = detail.into_owned();
        let problem = Problem {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            message: detail.clone(),
            detail,
            code,
            request_id: request_id.to_owned(),
            errors,
        };
        serde_json::to_string(&problem).unwrap_or_default()
    }

    /// How long to wait before trying again, where waiting helps.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Auth(AuthError::TooManyAttempts(wait)) => Some(reasons::seconds(*wait)),
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

/// The refusal of a throttle, as the description shows it.
pub fn too_many_attempts() -> ApiError {
    AuthError::TooManyAttempts(TimeDelta::seconds(30)).into()
}

impl ApiError {
    /// An error of `otp/validate`, whose contract answers 401 where there is no authenticator app.
    pub fn of_validate(error: AuthError) -> Self {
        match error {
            AuthError::OtpNotEnabled => Self::OtpNotVerified,
            other => Self::Auth(other),
        }
    }
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
            other => f.write_str(reasons::told(other).1),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        reasons::told(self).0
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
