//! Passkeys: as a second factor.

pub mod challenge;
mod descriptor;
pub mod validate;

use crate::flows::error::{AuthError, PasskeyError};
use crate::http::error::ApiError;

/// How long the browser asks its user, in milliseconds: as long as a challenge lives.
const TIMEOUT: u32 = 300_000;

/// The error of every call.
fn not_available() -> ApiError {
    error(PasskeyError::NotAvailable)
}

fn error(error: PasskeyError) -> ApiError {
    AuthError::from(error).into()
}
