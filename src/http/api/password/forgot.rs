//! `POST /api/auth/password/forgot`.

use actix_web::{HttpResponse, web};

use crate::domain::client::Client;
use crate::domain::email::EmailAddress;
use crate::flows::Auth;
use crate::flows::error::AuthError as E;
use crate::http::api::register::MessageResponse;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::request::request;
use crate::http::extract::{Body, MailAvailable};

request! {
    /// The address of an account.
    pub struct ForgotPasswordRequest {
        /// The address.
        email: EmailAddress,
    }
    example { "email": "ada@example.com" }
}

pub fn errors() -> Vec<ApiError> {
    vec![E::MailNotAvailable.into(), too_many_attempts()]
}

/// Ask for a link that resets the password
///
/// The answer is the same whether there is such an account. A link is sent at most once a minute and five
/// times an hour.
#[utoipa::path(
    post, path = "/api/auth/password/forgot", tag = "Authentication", operation_id = "forgotPassword",
    request_body = ForgotPasswordRequest,
    responses((
        status = 202, description = "A link is sent if there is such an account.",
        body = MessageResponse,
    )),
)]
pub async fn handle(
    _: MailAvailable,
    auth: web::Data<Auth>,
    client: Client,
    body: Body<ForgotPasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    auth.forgot_password(body.0.email, &client).await?;
    let message = "If there is an account with this address, we have sent it a link.";
    Ok(HttpResponse::Accepted().json(MessageResponse { status: "success", message }))
}
