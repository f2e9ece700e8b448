//! The second factor: setting up an authenticator app, submitting codes, recovery codes.

pub mod count_recovery_codes;
pub mod disable;
pub mod generate;
pub mod qr;
pub mod renew_recovery_codes;
pub mod validate;
pub mod verify;

use crate::domain::account::Account;
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::second_factor::SecondFactor;
use crate::flows::error::AuthError;
use crate::http::error::ApiError;
use crate::http::extract::NamedUser;

/// The factor, if the request is for this account.
///
/// # Errors
///
/// As for a wrong code; nothing is charged.
fn factor_for(
    account: &Account,
    user: &NamedUser,
    factor: SecondFactor,
) -> Result<SecondFactor, ApiError> {
    if user.is_own(account) { Ok(factor) } else { Err(AuthError::WrongCode.into()) }
}

/// Recovery codes as they are shown, once.
pub fn shown(codes: &[RecoveryCode]) -> Vec<String> {
    codes.iter().map(RecoveryCode::show).collect()
}

/// The errors of a `user_id` that is not the session's own.
fn user_id_errors() -> [ApiError; 2] {
    [
        ApiError::InvalidUserId("X".to_owned()),
        ApiError::UnknownUserId("66f1c0afde31e2b4c8f09a17".to_owned()),
    ]
}
