//! Why a call fails.

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::email::EmailAddress;
use crate::domain::invalid::Invalid;
use crate::flows::error::AuthError;

/// Why a call fails.
#[derive(Debug)]
pub enum ApiError {
    /// The reason of a use case.
    Auth(AuthError),
    /// Invalid fields.
    Invalid(Vec<FieldError>),
    /// A body that is not JSON.
    MalformedJson,
    /// A JSON body that is not an object, or has a key twice.
    UnfitJson(&'static str),
    /// A body whose content type is not JSON.
    UnsupportedMediaType,
    /// A body whose content type is not that of a form, where one is expected.
    NotAForm,
    /// A body above the limit.
    BodyTooLarge,
    /// A body that did not arrive in time.
    BodyTimeout,
    /// A body that ended early.
    BodyBroken,
    /// A request from a page of an unknown origin.
    OriginNotAllowed,
    /// A second factor in a session of an account without one.
    OtpNotVerified,
    /// An invalid user id.
    InvalidUserId(String),
    /// A user id that is not the session's own.
    UnknownUserId(String),
    /// The service is starting or stopping.
    NotReady,
    /// A path that does not exist.
    NotFound,
    /// A method that the path does not support, with those that it does.
    MethodNotAllowed(String),
    /// Another status, chosen by the framework.
    Other(StatusCode),
}

/// An invalid field.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// The field's name, or `body`.
    pub field: &'static str,
    /// The stable name of the rule.
    pub code: &'static str,
    /// A sentence for the user.
    pub message: String,
}

impl FieldError {
    /// A field that is required and absent.
    pub fn missing(field: &'static str) -> Self {
        let message = format!("Please fill in the field \"{field}\".");
        Self { field, code: "missing", message }
    }
}

impl From<AuthError> for ApiError {
    fn from(error: AuthError) -> Self {
        Self::Auth(error)
    }
}

/// The error of a throttle, as the OpenAPI description shows it.
pub fn too_many_attempts() -> ApiError {
    AuthError::TooManyAttempts(TimeDelta::seconds(30)).into()
}

/// The error of an invalid field, as the OpenAPI description shows it.
pub fn invalid_fields() -> ApiError {
    let fault = |rule: Invalid| FieldError {
        field: "email",
        code: rule.code,
        message: rule.message.to_owned(),
    };
    ApiError::Invalid(EmailAddress::parse("ada").err().map(fault).into_iter().collect())
}

impl ApiError {
    /// An error of `otp/validate`, whose contract responds with 401 if there is no authenticator app.
    pub fn of_validate(error: AuthError) -> Self {
        match error {
            AuthError::OtpNotEnabled => Self::OtpNotVerified,
            other => Self::Auth(other),
        }
    }

    /// An error of a call that takes a new password in this field.
    pub fn of_new_password(field: &'static str) -> impl FnOnce(AuthError) -> Self {
        move |error| match error {
            AuthError::InvalidPassword(Invalid { code, message }) => {
                Self::Invalid(vec![FieldError { field, code, message: message.to_owned() }])
            }
            other => Self::Auth(other),
        }
    }
}
