//! `/api/auth/email`: verifying the address of an account, and changing it.

pub mod approve;
pub mod cancel;
pub mod confirm;
pub mod disown;
pub mod request_change;
pub mod request_verification;
pub mod verify;

use super::link_token::LinkToken;
use crate::flows::error::AuthError as E;
use crate::http::error::ApiError;
use crate::http::extract::request::request;

request! {
    /// The token of a link in a mail.
    pub struct LinkRequest {
        /// The token, from the fragment of the link.
        token: LinkToken,
    }
    example { "token": "mail-ZvHAr5xZ0eKCCN9r3kTqQm1yVh8sJd2LwXo5uBn7cFgPi4RtEaMzKlYHbvQ" }
}

/// The errors of a link.
fn link_errors() -> Vec<ApiError> {
    vec![E::MailNotAvailable.into(), E::MailTokenInvalid.into()]
}
