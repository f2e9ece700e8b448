//! `PUT /api/auth/email`.

use actix_web::{HttpResponse, web};

use crate::domain::email::EmailAddress;
use crate::domain::password::Password;
use crate::flows::Auth;
use crate::flows::access::{Fresh, SignedIn};
use crate::flows::error::AuthError as E;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::request::request;
use crate::http::extract::{Authorized, MailAvailable};
use crate::views::EmailChangeJson;

request! {
    /// The new address, and the password.
    pub struct ChangeEmailRequest {
        /// The new address.
        email: EmailAddress,
        /// The account's password.
        password: Password,
    }
    example { "email": "ada@example.org", "password": "plum velvet tractor" }
}

pub fn errors() -> Vec<ApiError> {
    vec![E::MailNotAvailable.into(), E::WrongPassword.into(), too_many_attempts(), E::Busy.into()]
}

/// Change the email address
///
/// Sends a link to the new address, which confirms the change. The current address, if it is verified, first gets
/// a notice with a link that approves it. The answer is the same if the new address is taken; the link
/// says so. Five wrong passwords end the session.
#[utoipa::path(
    put, path = "/api/auth/email", tag = "Email", operation_id = "changeEmail",
    request_body = ChangeEmailRequest,
    responses((status = 202, description = "The change is pending.", body = EmailChangeJson)),
)]
pub async fn handle(
    _: MailAvailable,
    auth: web::Data<Auth>,
    authorized: Authorized<Fresh<SignedIn>, ChangeEmailRequest>,
) -> Result<HttpResponse, ApiError> {
    let Authorized(caller, ChangeEmailRequest { email, password }) = authorized;
    auth.request_email_change(caller, &email, &password).await?;
    Ok(HttpResponse::Accepted().json(EmailChangeJson::of(&email, None)))
}
