//! `POST /oauth/introspect` (RFC 7662).

use actix_web::{HttpResponse, web};
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use super::form::Question;
use crate::flows::Auth;
use crate::flows::error::{AuthError, TokenError};
use crate::flows::tokens::ActiveToken;
use crate::http::error::{ApiError, too_many_attempts};

/// The form of an introspection request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes the form; `form.rs` reads it")]
pub struct IntrospectionForm {
    /// The token of a session, a bearer token of the Basic API, or a token from `/api/auth/token`.
    #[schema(example = "session-ZvHAr5xZ0eKCCN9r-kT3qQm1yVh8sJd2LwXo5uBn7cFgPi4RtEaMzKlYHbv")]
    token: String,
}

/// What is known about a token.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Introspection {
    /// The token is active.
    Active(Box<ActiveIntrospection>),
    /// The token is not active. Nothing else is said about it.
    Inactive(InactiveIntrospection),
}

/// A token that is not active.
#[derive(Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InactiveIntrospection {
    #[schema(schema_with = only::<false>)]
    active: bool,
}

/// An active token. Times are seconds since 1970.
#[derive(Serialize, ToSchema)]
pub struct ActiveIntrospection {
    #[schema(schema_with = only::<true>)]
    active: bool,
    /// The account's id.
    #[schema(example = "66f1c0afde31e2b4c8f09a17", pattern = "^[0-9a-f]{24}$")]
    sub: String,
    /// The account's email address, if it is verified.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = Email, example = "ada@example.com", nullable = false)]
    username: Option<String>,
    /// The service that issued the token.
    #[schema(example = "https://auth.example.com")]
    iss: String,
    /// The service that the token is for; missing for the token of a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "billing", nullable = false)]
    aud: Option<String>,
    /// When the token was issued or, for the token of a session, when the session was opened.
    #[schema(example = 1_795_615_389)]
    iat: i64,
    /// When the token expires; for the token of a session, unless it is used again.
    #[schema(example = 1_795_615_689)]
    exp: i64,
    /// When the session was authenticated.
    #[schema(example = 1_795_615_389)]
    auth_time: i64,
    /// The assurance level: `aal1` or `aal2`.
    #[schema(example = "aal2")]
    acr: String,
    /// The factors of the sign-in (RFC 8176).
    #[schema(example = json!(["pwd", "otp", "mfa"]))]
    amr: Vec<String>,
    /// The session's public id.
    #[schema(example = "Q9mK1x7fT0aVb3ZsLw5uYg")]
    sid: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
}

/// A boolean with one value, by which generated clients tell the two answers apart.
fn only<const VALUE: bool>() -> ObjectBuilder {
    let boolean = ObjectBuilder::new().schema_type(Type::Boolean).enum_values(Some([VALUE]));
    boolean.description(Some(format!("Always {VALUE}."))).examples([VALUE])
}

pub fn errors() -> Vec<ApiError> {
    vec![AuthError::from(TokenError::NotAvailable).into(), too_many_attempts()]
}

/// Introspect a token
///
/// Says whether a token is active, and whose it is. The session is looked up each time, so one that has ended is inactive at once.
#[utoipa::path(
    post, path = "/oauth/introspect", tag = "Other services", operation_id = "introspectToken",
    request_body(content = IntrospectionForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "What is known about the token.", body = Introspection)),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    Question(service, token): Question,
) -> Result<HttpResponse, ApiError> {
    let found = auth.introspect(&service, token.expose_secret()).await?;
    let answer = match found {
        Some(token) => Introspection::Active(Box::new(token.into())),
        None => Introspection::Inactive(InactiveIntrospection { active: false }),
    };
    Ok(HttpResponse::Ok().json(answer))
}

impl From<ActiveToken> for ActiveIntrospection {
    fn from(token: ActiveToken) -> Self {
        Self {
            active: true,
            sub: token.subject,
            username: token.username.map(|email| email.as_str().to_owned()),
            iss: token.issuer,
            aud: token.audience,
            iat: token.issued_at,
            exp: token.expires_at,
            auth_time: token.authenticated_at,
            acr: token.level,
            amr: token.methods,
            sid: token.session.into_text(),
            token_type: "Bearer",
        }
    }
}
