//! The status, stable code and sentence of each error. `docs/errors.md` lists them.

use std::borrow::Cow;

use actix_web::http::StatusCode as Status;
use chrono::TimeDelta;

use super::error::ApiError;
use crate::domain::wait;
use crate::flows::error::{AuthError, PasskeyError, TokenError};

/// A status, a stable code and a sentence for the user.
pub struct ErrorText(pub Status, pub &'static str, pub Cow<'static, str>);

fn say(status: Status, code: &'static str, sentence: &'static str) -> ErrorText {
    ErrorText(status, code, Cow::Borrowed(sentence))
}

/// The text that a caller receives for an error.
pub fn text_of(error: &ApiError) -> ErrorText {
    match error {
        ApiError::Auth(error) => refused(error),
        ApiError::Invalid(faults) => {
            let first = faults.first().map_or("Please check your input.", |fault| &fault.message);
            ErrorText(Status::UNPROCESSABLE_ENTITY, "invalid_fields", first.to_owned().into())
        }
        ApiError::MalformedJson => say(
            Status::BAD_REQUEST,
            "malformed_json",
            "The request could not be read: its body is not valid JSON.",
        ),
        ApiError::UnfitJson(sentence) => say(Status::UNPROCESSABLE_ENTITY, "unfit_json", sentence),
        ApiError::UnsupportedMediaType => say(
            Status::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The request could not be read: its body must be sent as application/json.",
        ),
        ApiError::NotAForm => say(
            Status::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The request could not be read: its body must be sent as application/x-www-form-urlencoded.",
        ),
        ApiError::BodyTooLarge => say(
            Status::PAYLOAD_TOO_LARGE,
            "body_too_large",
            "The request is too large: its body may have at most 16 KiB.",
        ),
        ApiError::BodyTimeout => of_framework(Status::REQUEST_TIMEOUT),
        ApiError::BodyBroken => of_framework(Status::BAD_REQUEST),
        ApiError::OriginNotAllowed => {
            say(Status::FORBIDDEN, "origin_not_allowed", "This page may not use this service.")
        }
        ApiError::OtpNotVerified => {
            say(Status::UNAUTHORIZED, "otp_not_verified", "OTP must be verified first")
        }
        ApiError::InvalidUserId(id) => {
            ErrorText(Status::BAD_REQUEST, "invalid_id", format!("Invalid id: {id}").into())
        }
        ApiError::UnknownUserId(id) => {
            let sentence = format!("No user with this id: {id} found");
            ErrorText(Status::NOT_FOUND, "user_not_found", sentence.into())
        }
        ApiError::NotReady => of_framework(Status::SERVICE_UNAVAILABLE),
        ApiError::NotFound => of_framework(Status::NOT_FOUND),
        ApiError::MethodNotAllowed(_) => of_framework(Status::METHOD_NOT_ALLOWED),
        ApiError::Other(status) => of_framework(*status),
    }
}

/// The text of a use case's reason.
fn refused(error: &AuthError) -> ErrorText {
    use AuthError as E;
    let (status, code, sentence) = match error {
        E::AccountExists => (409, "account_exists", "Account already exist"),
        E::IncorrectCredentials => (400, "incorrect_credentials", "Incorrect Email or Password"),
        E::AccountDisabled => {
            (403, "account_disabled", "This account was disabled by the operator of this service.")
        }
        E::NotAuthenticated | E::AccountGone => (401, "not_authenticated", "Please log in."),
        E::LoginExpired => (401, "login_expired", "Your login has expired, please log in again."),
        E::OtpRequired => {
            (403, "otp_required", "Please enter the code from your authenticator app first.")
        }
        E::ReauthenticationRequired => {
            (403, "reauthentication_required", "Please log in again to do this.")
        }
        E::WrongCode => (400, "otp_invalid", "Token is invalid or user doesn't exist"),
        E::CodeAlreadyUsed => {
            (400, "otp_already_used", "This code was already used. Wait for the next one.")
        }
        E::WrongPassword => (400, "incorrect_password", "This password is not correct."),
        E::InvalidPassword(rule) => (422, rule.code, rule.message),
        E::OtpNotEnabled => {
            (409, "otp_not_enabled", "Two-factor authentication is off for this account.")
        }
        E::OtpAlreadyVerified => (
            409,
            "otp_already_verified",
            "The authenticator app is set up already; its QR code is not shown again.",
        ),
        E::NoPendingEnrolment => (
            404,
            "no_pending_enrolment",
            "There is no QR code to show. Please start the set-up again.",
        ),
        E::SessionNotFound => (404, "session_not_found", "This session does not exist."),
        E::Passkey(error) => passkey(*error),
        E::Token(error) => token(*error),
        E::DeviceNotFound => (404, "device_not_found", "There is no such device."),
        E::MailNotAvailable => (404, "mail_not_available", "This service sends no mail."),
        E::MailTokenInvalid => {
            (400, "mail_token_invalid", "This link is no longer valid. Please ask for a new one.")
        }
        E::EmailAlreadyVerified => {
            (409, "email_already_verified", "This email address is verified already.")
        }
        E::EmailNotVerified => (
            403,
            "email_not_verified",
            "Please confirm your email address first. We have sent you a link.",
        ),
        E::TooManyAttempts(wait) => return wait_first(*wait),
        E::Busy => (503, "busy", "The service is busy. Please try again in a moment."),
        E::Unavailable => (
            503,
            "database_unavailable",
            "The service cannot answer right now. Please try again in a moment.",
        ),
        E::Fault(_) => return of_framework(Status::INTERNAL_SERVER_ERROR),
    };
    say(Status::from_u16(status).unwrap_or(Status::INTERNAL_SERVER_ERROR), code, sentence)
}

fn passkey(error: PasskeyError) -> (u16, &'static str, &'static str) {
    use PasskeyError as E;
    match error {
        E::NotAvailable => (
            404,
            "passkeys_not_available",
            "Passkeys do not work at an IP address. Please open this service at its host name.",
        ),
        E::Invalid => (400, "passkey_invalid", "This passkey was not accepted."),
        E::NoneRegistered => (409, "no_passkey", "This account has no passkey."),
        E::Exists => (409, "passkey_exists", "This passkey is registered already."),
        E::TooMany => (
            409,
            "too_many_passkeys",
            "An account can have at most 10 passkeys. Please remove one first.",
        ),
        E::NotFound => (404, "passkey_not_found", "There is no such passkey."),
    }
}

fn token(error: TokenError) -> (u16, &'static str, &'static str) {
    use TokenError as E;
    match error {
        E::NotAvailable => {
            (404, "tokens_not_available", "This service makes no tokens for other services.")
        }
        E::UnknownAudience => {
            (422, "audience_unknown", "This service makes no tokens for this audience.")
        }
        E::MissingAudience => (
            422,
            "audience_unknown",
            "Please name the audience: this service makes tokens for more than one.",
        ),
        E::UnknownService => {
            (401, "invalid_client", "The name or the secret of the calling service is not correct.")
        }
        E::LevelTooLow => {
            (403, "aal2_required", "Please sign in with a second factor to open this page.")
        }
    }
}

fn wait_first(remaining: TimeDelta) -> ErrorText {
    let sentence = format!("Too many attempts. Please try again in {}.", wait::in_words(remaining));
    ErrorText(Status::TOO_MANY_REQUESTS, "too_many_attempts", sentence.into())
}

/// The text if only a status is known.
fn of_framework(status: Status) -> ErrorText {
    let (code, sentence) = match status {
        Status::NOT_FOUND => ("not_found", "There is nothing at this address."),
        Status::METHOD_NOT_ALLOWED => {
            ("method_not_allowed", "This address does not take this method.")
        }
        Status::BAD_REQUEST => ("bad_request", "The request could not be understood."),
        Status::PAYLOAD_TOO_LARGE => ("body_too_large", "The request is too large."),
        Status::REQUEST_TIMEOUT => {
            ("request_timeout", "The request took too long to arrive. Please try again.")
        }
        Status::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            ("headers_too_large", "The request's headers are too large.")
        }
        Status::SERVICE_UNAVAILABLE => {
            ("not_ready", "The service is not ready. Please try again in a moment.")
        }
        status if status.is_client_error() => {
            ("request_refused", "The request could not be accepted.")
        }
        _ => ("internal_error", "Something went wrong on our side. Please try again later."),
    };
    say(status, code, sentence)
}
