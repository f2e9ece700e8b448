//! `POST /api/auth/secure`.

use actix_web::{HttpResponse, web};

use super::link_token::LinkToken;
use crate::domain::client::Client;
use crate::domain::passkey::ceremony::Assertion;
use crate::domain::second_factor::SecondFactor;
use crate::flows::Auth;
use crate::flows::error::{AuthError as E, PasskeyError};
use crate::http::error::{ApiError, too_many_attempts};
use crate::http::extract::credential::CredentialJson;
use crate::http::extract::request::request;
use crate::http::extract::{Body, MailAvailable};

request! {
    /// The link of a notice.
    pub struct SecureAccountRequest {
        /// The token, from the fragment of the link.
        token: LinkToken,
        /// A six-digit code or a recovery code, if a second factor that is older than the event remains.
        code: Option<SecondFactor>,
        /// A passkey in place of `code`: the outcome of `navigator.credentials.get()`, as its `toJSON()` returns it.
        passkey: Option<CredentialJson<Assertion>>,
    }
    example {
        "token": "secure-ZvHAr5xZ0eKCCN9rAAABiX1kTqQm1yVh8sJd2LwXo5uBn7cFgPi4RtEaMzKlYHbvQ",
        "code": "123456"
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
    ]
}

/// "This wasn't me"
///
/// Undoes what somebody else did, by the link of a notice: cancels a pending change of the address, removes
/// second factors that were made at or after the event, and ends every session and link. The account has no
/// password until the link that is sent next sets one.
#[utoipa::path(
    post, path = "/api/auth/secure", tag = "Email", operation_id = "secureAccount",
    request_body = SecureAccountRequest,
    responses((status = 204, description = "Secured. A link that sets a password is sent.")),
)]
pub async fn handle(
    _: MailAvailable,
    auth: web::Data<Auth>,
    client: Client,
    body: Body<SecureAccountRequest>,
) -> Result<HttpResponse, ApiError> {
    let SecureAccountRequest { token, code, passkey } = body.0;
    let factor = passkey.map(CredentialJson::into_factor).or(code);
    auth.secure_account(token.expose(), factor.as_ref(), &client).await?;
    Ok(HttpResponse::NoContent().finish())
}
