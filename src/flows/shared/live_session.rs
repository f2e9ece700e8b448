//! The session or login challenge that a request acts for, looked up again in the account as it is now.

use crate::domain::account::Account;
use crate::domain::digest::Digest;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::session::{Aal, Methods, Session};
use crate::flows::Auth;
use crate::flows::error::AuthError;

/// Requires that a session was opened with a second factor, where the account has one that was confirmed.
///
/// # Errors
///
/// [`AuthError::ReauthenticationRequired`].
pub(in crate::flows) fn require_confirmed_factor(
    account: &Account,
    session: &Session,
) -> Result<(), AuthError> {
    if account.has_confirmed_factor() && session.aal() < Aal::Two {
        return Err(AuthError::ReauthenticationRequired);
    }
    Ok(())
}

/// Whether a session was opened with fewer factors than its account has now. This is true of the token
/// that enabled an authenticator by the Basic contract, until the first correct code.
pub(in crate::flows) fn lacks_second_factor(account: &Account, session: &Session) -> bool {
    account.has_second_factor() && session.methods == Methods::Password
}

impl Auth {
    /// The session with this digest.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] if it is not live, [`AuthError::OtpRequired`] if it lacks a
    /// factor that the account has.
    pub(in crate::flows) fn full_session(
        &self,
        account: &Account,
        digest: &Digest,
    ) -> Result<Session, AuthError> {
        let session = self.require_session(account, digest)?;
        if lacks_second_factor(account, &session) {
            return Err(AuthError::OtpRequired);
        }
        Ok(session)
    }

    /// The session with this digest, which may lack a factor that the account has.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] if it is not live.
    pub(in crate::flows) fn require_session(
        &self,
        account: &Account,
        digest: &Digest,
    ) -> Result<Session, AuthError> {
        self.live_session(account, digest)?.ok_or(AuthError::NotAuthenticated)
    }

    /// The login challenge with this digest.
    ///
    /// # Errors
    ///
    /// [`AuthError::LoginExpired`] if it is not live.
    pub(in crate::flows) fn live_challenge(
        &self,
        account: &Account,
        digest: &Digest,
    ) -> Result<LoginChallenge, AuthError> {
        let challenge = account.challenge(digest)?;
        let live = challenge.filter(|challenge| challenge.is_live(self.clock.now()));
        live.ok_or(AuthError::LoginExpired)
    }

    /// The session with this digest, if it is live and the account is not disabled.
    pub(in crate::flows) fn live_session(
        &self,
        account: &Account,
        digest: &Digest,
    ) -> Result<Option<Session>, AuthError> {
        let now = self.clock.now();
        let is_live = |session: &Session| session.is_live(self.lifetimes(session.kind), now);
        let session = account.session(digest)?.filter(is_live);
        Ok(session.filter(|_| account.disabled_at.is_none()))
    }
}
