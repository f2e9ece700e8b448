//! Passkeys: adding and managing them, as a second factor, and signing in with one.

pub mod add;
pub mod challenge;
mod descriptor;
pub mod list;
pub mod options;
pub mod remove;
pub mod rename;
pub mod sign_in;
pub mod sign_in_options;
pub mod validate;

use data_encoding::BASE64URL_NOPAD;

use crate::domain::passkey::CredentialId;
use crate::flows::error::{AuthError, PasskeyError};
use crate::http::error::ApiError;

/// How long the browser asks its user, in milliseconds: as long as a challenge lives.
const TIMEOUT: u32 = 300_000;

/// The passkey that a path names.
///
/// # Errors
///
/// As for one that does not exist.
fn named(id: &str) -> Result<CredentialId, ApiError> {
    let bytes = BASE64URL_NOPAD.decode(id.as_bytes()).ok();
    let id = bytes.and_then(CredentialId::parse);
    id.ok_or(ApiError::Auth(AuthError::Passkey(PasskeyError::NotFound)))
}

/// The error of every call.
fn not_available() -> ApiError {
    error(PasskeyError::NotAvailable)
}

fn error(error: PasskeyError) -> ApiError {
    AuthError::from(error).into()
}
