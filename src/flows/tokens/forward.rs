//! Answers a reverse proxy that asks who is signed in.

use crate::domain::session::Aal;
use crate::flows::access::{OpenSession, SignedIn};
use crate::flows::error::{AuthError, TokenError};

impl SignedIn {
    /// Requires that the session was opened at this level.
    ///
    /// # Errors
    ///
    /// [`TokenError::LevelTooLow`].
    pub fn require_level(&self, level: Aal) -> Result<(), AuthError> {
        if self.level() < level {
            return Err(TokenError::LevelTooLow.into());
        }
        Ok(())
    }

    /// The level that the session was opened at.
    #[must_use]
    pub fn level(&self) -> Aal {
        let OpenSession { session, .. } = self.open();
        session.aal()
    }
}
