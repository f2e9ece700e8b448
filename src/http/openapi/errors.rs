//! The errors of a call. Statuses, codes and sentences come from `reasons`, so that only real errors are
//! described.

use std::collections::BTreeMap;

use actix_web::http::{Method, StatusCode};
use serde_json::Value;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, Response, ResponseBuilder};

use crate::flows::error::{AuthError as E, TokenError};
use crate::http::endpoint::{Access, Endpoint, RequestBody};
use crate::http::error::{ApiError, invalid_fields};
use crate::http::extract::json_object::NOT_AN_OBJECT;
use crate::http::reasons::{self, ErrorText};

/// Adds to an operation the errors that its call has.
pub fn add(operation: &mut Operation, endpoint: &Endpoint) {
    for (status, response) in responses(errors_of(endpoint)) {
        operation.responses.responses.insert(status.as_str().to_owned(), response.into());
    }
}

fn errors_of(endpoint: &Endpoint) -> Vec<ApiError> {
    let mut errors = (endpoint.errors)();
    errors.extend(of_access(endpoint.access));
    errors.extend(match endpoint.body {
        RequestBody::None => Vec::new(),
        RequestBody::Form => vec![ApiError::BodyBroken, ApiError::NotAForm],
        RequestBody::Required | RequestBody::Optional => vec![
            ApiError::MalformedJson,
            ApiError::UnfitJson(NOT_AN_OBJECT),
            ApiError::UnsupportedMediaType,
        ],
    });
    if endpoint.body != RequestBody::None {
        errors.extend([ApiError::BodyTooLarge, ApiError::BodyTimeout, invalid_fields()]);
    }
    let is_unsafe = endpoint.method != Method::GET;
    if is_unsafe {
        errors.push(ApiError::OriginNotAllowed);
    }
    let uses_database = !matches!(endpoint.access, Access::Public | Access::MetricsReader);
    if uses_database || is_unsafe {
        errors.extend([E::Unavailable.into(), E::Fault("a fault".into()).into()]);
    }
    errors
}

fn of_access(access: Access) -> Vec<ApiError> {
    let errors = match access {
        Access::Public
        | Access::SignIn
        | Access::BasicCredentials
        | Access::AnyCredential
        | Access::Page => vec![],
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
        Access::PasskeyAsker => vec![E::NotAuthenticated, E::LoginExpired, E::OtpRequired],
        Access::ProxiedSession | Access::MetricsReader => vec![E::NotAuthenticated],
        Access::Service => vec![TokenError::UnknownService.into()],
    };
    errors.into_iter().map(ApiError::from).collect()
}

/// One response for each status, with an example for each code.
fn responses(errors: Vec<ApiError>) -> BTreeMap<StatusCode, Response> {
    let mut by_status: BTreeMap<StatusCode, Vec<(&'static str, Value)>> = BTreeMap::new();
    for error in errors {
        let ErrorText(status, code, _) = reasons::text_of(&error);
        let body = serde_json::from_str(&error.body("kT3qQm1yVh8sJd2L")).unwrap_or_default();
        let codes = by_status.entry(status).or_default();
        if !codes.iter().any(|(known, _)| *known == code) {
            codes.push((code, body));
        }
    }
    by_status.into_iter().map(|(status, codes)| (status, response(status, codes))).collect()
}

fn response(status: StatusCode, codes: Vec<(&'static str, Value)>) -> Response {
    let is_service = codes.iter().any(|(code, _)| *code == "invalid_client");
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
    let header = |what: &str, kind| {
        let schema = ObjectBuilder::new().schema_type(kind);
        HeaderBuilder::new().schema(Some(schema)).description(Some(what.to_owned())).build()
    };
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response = response
            .header("Retry-After", header("Seconds to wait before trying again.", Type::Integer));
    }
    if status == StatusCode::UNAUTHORIZED {
        let scheme = if is_service { "`Basic`." } else { "`Bearer`." };
        response = response.header("WWW-Authenticate", header(scheme, Type::String));
    }
    response.build()
}
