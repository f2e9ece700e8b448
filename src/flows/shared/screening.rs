//! New passwords: looked up among breached ones before they are hashed.

use std::error::Error;
use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::crypto::hashing::HashingError;
use crate::domain::account::PasswordHash;
use crate::domain::network::Network;
use crate::domain::password::{NewPassword, Password};
use crate::flows::Auth;
use crate::flows::error::AuthError;

/// A new password that is not on the list of breached ones, if there is a list. Only [`Auth::screen`] makes one, and
/// [`Auth::hash_new`] takes nothing else.
pub(in crate::flows) struct ScreenedPassword(Password);

/// The list could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot look up a password in the file that BREACHED_PASSWORDS names: {0}")]
struct LookupError(#[source] Box<dyn Error + Send + Sync>);

impl Auth {
    /// Requires that a new password is not on the list of breached ones. Nothing is charged for one that is.
    ///
    /// # Errors
    ///
    /// [`AuthError::InvalidPassword`] if it is. If the list cannot be read, no password is accepted:
    /// [`AuthError::Fault`].
    pub(in crate::flows) async fn screen(
        &self,
        new: &NewPassword,
    ) -> Result<ScreenedPassword, AuthError> {
        let password = new.password().clone();
        let Some(list) = self.rules.breached_passwords.as_ref().map(Arc::clone) else {
            return Ok(ScreenedPassword(password));
        };
        // It reads a file, which must not delay other requests.
        let look_up = move || list.contains(&password).map(|found| (found, password));
        let looked_up = spawn_blocking(look_up).await.map_err(LookupError::of)?;
        match looked_up.map_err(LookupError::of)? {
            (true, _) => Err(AuthError::InvalidPassword(NewPassword::BREACHED)),
            (false, password) => Ok(ScreenedPassword(password)),
        }
    }

    /// Hashes a new password.
    ///
    /// # Errors
    ///
    /// [`HashingError::Busy`].
    pub(in crate::flows) async fn hash_new(
        &self,
        network: Network,
        new: ScreenedPassword,
    ) -> Result<PasswordHash, HashingError> {
        self.hasher.hash(network, new.0).await
    }
}

impl LookupError {
    fn of(cause: impl Error + Send + Sync + 'static) -> AuthError {
        AuthError::Fault(Self(cause.into()).into())
    }
}
