//! `POST /api/auth/register`.

use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::client::Client;
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::password::NewPassword;
use crate::flows::Auth;
use crate::flows::error::AuthError as E;
use crate::flows::register::Registration;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::Body;
use crate::http::extract::request::{PasswordConfirmation, request};

request! {
    /// A new account.
    pub struct RegisterRequest {
        /// The user's name: 1 to 100 characters after trimming, no control characters.
        name: DisplayName,
        /// The email address: ASCII, without quotes or colons. It is trimmed and lower-cased.
        email: EmailAddress,
        /// The password: 8 to 256 characters of any kind. In production, common passwords are refused,
        /// and breached ones if the operator set up a list.
        password: NewPassword,
        /// The password again, if the form asks for it twice.
        password_confirm as "passwordConfirm": PasswordConfirmation,
    }
    example {
        "name": "Ada", "email": "ada@example.com",
        "password": "plum velvet tractor", "passwordConfirm": "plum velvet tractor"
    }
}

/// A result with a message for the user.
#[derive(Serialize, ToSchema)]
pub struct MessageResponse {
    /// Always `success`.
    #[schema(example = "success")]
    pub status: &'static str,
    /// A sentence for the user.
    #[schema(example = "Registered successfully, please login")]
    pub message: &'static str,
}

pub fn errors() -> Vec<ApiError> {
    vec![E::AccountExists.into(), too_many_attempts(), E::Busy.into()]
}

/// Register a user
///
/// Creates an account. The user logs in afterwards: no session is opened.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "Authentication", operation_id = "registerUser",
    request_body = RegisterRequest,
    responses((status = 201, description = "The account was created.", body = MessageResponse)),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    client: Client,
    body: Body<RegisterRequest>,
) -> Result<HttpResponse, ApiError> {
    let RegisterRequest { name, email, password, password_confirm: PasswordConfirmation } = body.0;
    let registered = auth.register(Registration { name, email, password }, &client).await;
    registered.map_err(ApiError::of_new_password("password"))?;
    let message = "Registered successfully, please login";
    Ok(HttpResponse::Created().json(MessageResponse { status: "success", message }))
}
