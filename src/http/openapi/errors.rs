//! Which errors a call has: statuses, codes and sentences are those of `reasons`, so that none can be
//! described that is not told so.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde_json::{Value, json};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder};

use super::super::problem::ApiError;
use super::super::reasons::{self, Told};
use super::super::routes::{self, Access, Endpoint};
use crate::flows::error::AuthError as E;
use actix_web::http::{Method, StatusCode};

/// The call of the document that a route is.
pub fn operation<'a>(document: &'a mut OpenApi, endpoint: &Endpoint) -> Option<&'a mut Operation> {
    let item = document.paths.paths.get_mut(endpoint.described_path())?;
    match endpoint.method {
        Method::GET => item.get.as_mut(),
        Method::POST => item.post.as_mut(),
        Method::PUT => item.put.as_mut(),
        Method::DELETE => item.delete.as_mut(),
        _ => None,
    }
}

/// Adds to every call the errors that it has.
pub fn describe(document: &mut OpenApi) {
    for endpoint in routes::surface() {
        let Some(operation) = operation(document, &endpoint) else {
            continue;
        };
        if let Some(RefOr::T(body)) = &mut operation.request_body
            && routes::takes_no_body_too(endpoint.path)
        {
            body.required = Some(Required::False);
        }
        let has_body = operation.request_body.is_some();
        for (status, response) in responses(errors_of(&endpoint, has_body)) {
            operation.responses.responses.insert(status.as_str().to_owned(), response.into());
        }
    }
}

fn errors_of(endpoint: &Endpoint, has_body: bool) -> Vec<ApiError> {
    let mut errors = specific(endpoint.path, &endpoint.method);
    errors.extend(of_access(endpoint.access));
    if has_body {
        errors.extend([
            ApiError::MalformedJson,
            ApiError::UnfitJson("The request could not be read: its body must be a JSON object."),
            ApiError::UnsupportedMediaType,
            ApiError::BodyTooLarge,
            ApiError::BodyTimeout,
            ApiError::Invalid(Vec::new()),
        ]);
    }
    let is_unsafe = endpoint.method != Method::GET;
    if is_unsafe {
        errors.push(ApiError::OriginNotAllowed);
    }
    if endpoint.access != Access::Public || is_unsafe {
        errors.extend([E::Unavailable.into(), E::Fault(String::new()).into()]);
    }
    errors
}

fn of_access(access: Access) -> Vec<ApiError> {
    let errors = match access {
        Access::Public | Access::AnyCredential => vec![],
        Access::OpenSession | Access::SignedIn => vec![E::NotAuthenticated, E::OtpRequired],
        Access::FreshOpenSession | Access::FreshSignedIn => {
            vec![E::NotAuthenticated, E::OtpRequired, E::ReauthenticationRequired]
        }
        Access::FactorSubmitter => {
            return vec![
                E::NotAuthenticated.into(),
                E::LoginExpired.into(),
                ApiError::OtpNotVerified,
                E::OtpRequired.into(),
            ];
        }
        Access::MetricsReader => vec![E::NotAuthenticated],
    };
    errors.into_iter().map(ApiError::from).collect()
}

/// What a call has of its own.
fn specific(path: &str, method: &Method) -> Vec<ApiError> {
    let wait = || E::TooManyAttempts(TimeDelta::seconds(30));
    let flow = |errors: Vec<E>| errors.into_iter().map(ApiError::from).collect();
    match path {
        "/api/auth/register" => flow(vec![E::AccountExists, wait(), E::Busy]),
        routes::LOGIN => flow(vec![E::IncorrectCredentials, E::AccountDisabled, wait(), E::Busy]),
        "/api/auth/otp/generate" | "/api/auth/otp/disable" => vec![
            wait().into(),
            ApiError::InvalidUserId("X".to_owned()),
            ApiError::UnknownUserId("66f1c0afde31e2b4c8f09a17".to_owned()),
        ],
        "/api/auth/otp/verify" => flow(vec![E::WrongCode, wait()]),
        "/api/auth/otp/validate" => flow(vec![E::WrongCode, E::CodeAlreadyUsed, wait()]),
        "/api/auth/otp/qr" => flow(vec![E::NoPendingEnrolment]),
        "/api/auth/otp/recovery-codes" if *method == Method::POST => {
            flow(vec![E::OtpNotEnabled, wait()])
        }
        "/auth/otp/enable" => flow(vec![wait()]),
        "/api/auth/password" | "/api/auth/account" => flow(vec![E::WrongPassword, wait(), E::Busy]),
        "/api/auth/reauthenticate" => {
            flow(vec![E::WrongPassword, E::WrongCode, E::CodeAlreadyUsed, wait(), E::Busy])
        }
        "/api/auth/events" => vec![ApiError::Invalid(Vec::new())],
        "/api/auth/sessions/{id}" => flow(vec![E::SessionNotFound]),
        routes::CREDENTIALS => flow(vec![wait(), E::Busy]),
        "/auth/otp/generate" => flow(vec![E::OtpNotEnabled, E::OtpAlreadyVerified]),
        "/health/ready" => vec![ApiError::NotReady],
        routes::FILES => vec![ApiError::NotFound],
        _ => Vec::new(),
    }
}

/// One response a status, with an example for each code.
fn responses(errors: Vec<ApiError>) -> BTreeMap<StatusCode, Response> {
    let mut by_status: BTreeMap<StatusCode, Vec<(&'static str, Value)>> = BTreeMap::new();
    for error in errors {
        let Told(status, code, _) = reasons::told(&error);
        let body = serde_json::from_str(&error.body("kT3qQm1yVh8sJd2L")).unwrap_or_default();
        let codes = by_status.entry(status).or_default();
        if !codes.iter().any(|(known, _)| *known == code) {
            codes.push((code, with_a_fault(body)));
        }
    }
    by_status.into_iter().map(|(status, codes)| (status, response(status, codes))).collect()
}

/// What a 422 looks like.
fn with_a_fault(mut body: Value) -> Value {
    if body.get("code") == Some(&json!("invalid_fields"))
        && let Some(fields) = body.as_object_mut()
    {
        let message = "Please enter a valid e-mail address.";
        let fault = json!({ "field": "email", "code": "email_invalid", "message": message });
        fields.insert("errors".to_owned(), json!([fault]));
        fields.insert("detail".to_owned(), json!(message));
        fields.insert("message".to_owned(), json!(message));
    }
    body
}

fn response(status: StatusCode, codes: Vec<(&'static str, Value)>) -> Response {
    let names: Vec<String> = codes.iter().map(|(code, _)| format!("`{code}`")).collect();
    let examples = codes
        .into_iter()
        .map(|(code, body)| (code, ExampleBuilder::new().value(Some(body)).build()));
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .examples_from_iter(examples)
        .build();
    let mut response = ResponseBuilder::new()
        .description(names.join(", "))
        .content("application/problem+json", content);
    let header = |what: &str| HeaderBuilder::new().description(Some(what.to_owned())).build();
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response = response.header("Retry-After", header("Seconds to wait before trying again."));
    }
    if status == StatusCode::UNAUTHORIZED {
        response = response.header("WWW-Authenticate", header("`Bearer`."));
    }
    response.build()
}
