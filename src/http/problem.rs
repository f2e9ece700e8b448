//! Errors as callers receive them: problem details (RFC 9457).

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{ApiError, FieldError};
use super::reasons::{self, ErrorText};
use crate::domain::wait::whole_seconds;
use crate::flows::error::{AuthError, TokenError};

/// Asks for HTTP Basic (RFC 7617).
pub const BASIC: &str = r#"Basic realm="twofold", charset="UTF-8""#;

/// An error.
#[derive(Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`; `code` identifies the problem.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'static str,
    /// The name of the status.
    #[schema(example = "Bad Request")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400, minimum = 400, maximum = 599)]
    status: u16,
    /// A sentence for the user.
    detail: String,
    /// The stable name of the problem, for programs.
    #[schema(example = "incorrect_credentials")]
    code: &'static str,
    /// The same as `detail`.
    message: String,
    /// The id of the request in the log.
    request_id: String,
    /// With status 422: every invalid field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldError>,
}

impl ApiError {
    /// The stable name of the problem.
    pub fn code(&self) -> &'static str {
        reasons::text_of(self).1
    }

    /// The problem as JSON, for the request with this id.
    pub fn body(&self, request_id: &str) -> String {
        let ErrorText(status, code, detail) = reasons::text_of(self);
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

    /// How long to wait before trying again, if waiting helps.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Auth(AuthError::TooManyAttempts(wait)) => Some(whole_seconds(*wait)),
            Self::Auth(AuthError::Busy | AuthError::Unavailable) | Self::NotReady => Some(2),
            _ => None,
        }
    }

    /// How the caller should have authenticated.
    fn scheme(&self) -> &'static str {
        match self {
            Self::Auth(AuthError::Token(TokenError::UnknownService)) => BASIC,
            _ => "Bearer",
        }
    }

    /// Headers that belong to the response.
    fn headers(&self, status: StatusCode) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers = Vec::new();
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static(self.scheme());
            headers.push((header::WWW_AUTHENTICATE, scheme));
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

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auth(error) => error.fmt(f),
            other => f.write_str(reasons::text_of(other).1),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        reasons::text_of(self).0
    }

    /// Status and headers; `edge` writes the body, since it knows the request's id.
    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut answer = HttpResponse::new(status);
        for (name, value) in self.headers(status) {
            answer.headers_mut().insert(name, value);
        }
        answer
    }
}
