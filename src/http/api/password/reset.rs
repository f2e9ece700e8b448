//! `POST /api/auth/password/reset`.

use actix_web::{HttpResponse, web};

use crate::domain::client::Client;
use crate::domain::passkey::ceremony::Assertion;
use crate::domain::password::NewPassword;
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::error::{AuthError as E, PasskeyError};
use crate::http::api::link_token::LinkToken;
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::credential::CredentialJson;
use crate::http::extract::request::{PasswordConfirmation, request};
use crate::http::extract::{Body, MailAvailable};

request! {
    /// A new password.
    pub struct ResetPasswordRequest {
        /// The token, from the fragment of the link.
        token: LinkToken,
        /// The new password, under the rules of registration.
        new_password: NewPassword,
        /// The new password again, if the form asks for it twice.
        password_confirm as "passwordConfirm": PasswordConfirmation,
        /// A six-digit code or a recovery code, if the account has two-factor authentication.
        code: Option<SecondFactor>,
        /// A passkey in place of `code`: the outcome of `navigator.credentials.get()`, as its `toJSON()` returns it.
        passkey: Option<CredentialJson<Assertion>>,
    }
    example {
        "token": "mail-ZvHAr5xZ0eKCCN9r3kTqQm1yVh8sJd2LwXo5uBn7cFgPi4RtEaMzKlYHbvQ",
        "new_password": "a saucer of marbles", "code": "123456"
    }
}

pub fn errors() -> Vec<ApiError> {
    vec![
        E::MailNotAvailable.into(),
        E::MailTokenInvalid.into(),
        E::WrongCode.into(),
        E::Passkey(PasskeyError::Invalid).into(),
        E::Passkey(PasskeyError::NotAvailable).into(),
        E::OtpRequired.into(),
        too_many_attempts(),
        E::Busy.into(),
    ]
}

/// Reset the password
///
/// Sets a new password by a link. Every session, every login in progress and every other link ends. Opens no
/// session. Where the account has two-factor authentication, a code or a passkey is required as well: without one
/// the answer is 403, and nothing is used up.
#[utoipa::path(
    post, path = "/api/auth/password/reset", tag = "Authentication", operation_id = "resetPassword",
    request_body = ResetPasswordRequest,
    responses((status = 204, description = "The new password is set.")),
)]
pub async fn handle(
    _: MailAvailable,
    auth: web::Data<Auth>,
    client: Client,
    body: Body<ResetPasswordRequest>,
) -> Result<HttpResponse, ApiError> {
    let ResetPasswordRequest {
        token,
        new_password: new,
        password_confirm: PasswordConfirmation,
        code,
        passkey,
    } = body.0;
    let factor = passkey.map(CredentialJson::into_factor).or(code);
    let reset = auth.reset_password(token.expose(), &new, factor.as_ref(), &client).await;
    reset.map_err(ApiError::of_new_password("new_password"))?;
    Ok(HttpResponse::NoContent().finish())
}
