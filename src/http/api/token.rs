//! `POST /api/auth/token`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::domain::audience::Audience;
use crate::flows::Auth;
use crate::flows::access::SignedIn;
use crate::flows::error::{AuthError, TokenError};
use crate::http::error::{ApiError, FieldError};
use crate::http::extract::request::{Field, request};
use crate::http::extract::{Authorized, Fields, SigningAvailable};
use crate::http::reasons::{self, ErrorText};

request! {
    /// Which service the token is for.
    pub struct TokenRequest {
        /// One of `TOKEN_AUDIENCES`. If there is only one, it may be left out.
        audience: AudienceName,
    }
    example { "audience": "billing" }
}

/// The name of an audience, if one was sent.
pub struct AudienceName(Option<String>);

impl Field for AudienceName {
    const IS_REQUIRED: bool = false;

    fn read(fields: &mut Fields, name: &'static str) -> Option<Self> {
        Some(Self(fields.optional_text(name, |text| Ok(text.to_owned()))))
    }

    fn schema() -> ObjectBuilder {
        ObjectBuilder::new().schema_type(Type::String).max_length(Some(Audience::LONGEST))
    }
}

/// A token for another service.
#[derive(Serialize, ToSchema)]
pub struct ServiceToken {
    /// The token: a JWT, signed by ES256.
    #[schema(example = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6Ii4uLiJ9.e30.c2ln")]
    token: String,
    /// How the other service expects it: `Authorization: Bearer …`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// How long it is valid, in seconds.
    #[schema(example = 300, minimum = 0, maximum = 900)]
    expires_in: i64,
}

pub fn errors() -> Vec<ApiError> {
    vec![AuthError::from(TokenError::NotAvailable).into()]
}

/// Get a token for another service
///
/// Signs a short-lived JWT that says who is signed in, for one other service. It expires no later than the session.
#[utoipa::path(
    post, path = "/api/auth/token", tag = "Other services", operation_id = "issueToken",
    request_body = TokenRequest,
    responses((status = 200, description = "The token.", body = ServiceToken)),
)]
pub async fn handle(
    _available: SigningAvailable,
    auth: web::Data<Auth>,
    Authorized(caller, asked): Authorized<SignedIn, TokenRequest>,
) -> Result<HttpResponse, ApiError> {
    let issued = auth.issue_token(&caller, asked.audience.0.as_deref()).map_err(of_audience)?;
    let (token, expires_in) = (issued.token, issued.expires_in);
    Ok(HttpResponse::Ok().json(ServiceToken { token, token_type: "Bearer", expires_in }))
}

/// An unknown or missing audience is an invalid field.
fn of_audience(error: AuthError) -> ApiError {
    let error = ApiError::from(error);
    match error {
        ApiError::Auth(AuthError::Token(
            TokenError::UnknownAudience | TokenError::MissingAudience,
        )) => {
            let ErrorText(_, code, message) = reasons::text_of(&error);
            let message = message.into_owned();
            ApiError::Invalid(vec![FieldError { field: "audience", code, message }])
        }
        other => other,
    }
}
