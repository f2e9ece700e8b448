//! What every use case of passkeys needs.

use crate::crypto::webauthn::{Refused, RelyingParty};
use crate::flows::Auth;
use crate::flows::error::{AuthError, PasskeyError};

impl Auth {
    /// Whom passkeys are made for.
    ///
    /// # Errors
    ///
    /// [`PasskeyError::NotAvailable`] if browsers reach the service at an IP address.
    pub fn require_relying_party(&self) -> Result<&RelyingParty, AuthError> {
        let relying_party = self.rules.relying_party.as_ref();
        relying_party.ok_or(AuthError::Passkey(PasskeyError::NotAvailable))
    }
}

/// Logs why a passkey was not accepted, which the caller does not learn.
#[expect(clippy::needless_pass_by_value, reason = "it is passed to map_err")]
pub(in crate::flows) fn refused(refused: Refused) -> AuthError {
    tracing::info!(reason = refused.0, "passkey not accepted");
    AuthError::Passkey(PasskeyError::Invalid)
}
