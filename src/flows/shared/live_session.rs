//! The session or login challenge that a request acts for, looked up again in the account as it is now.

use crate::crypto::token::{PresentedToken, TokenKind};
use crate::domain::account::Account;
use crate::domain::digest::Digest;
use crate::domain::ids::SessionId;
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
        Ok(account.session(digest)?.filter(|session| self.is_live(account, session)))
    }

    /// The session with this public id, if it is live and the account is not disabled.
    pub(in crate::flows) fn live_session_by_id(
        &self,
        account: &Account,
        id: &SessionId,
    ) -> Result<Option<Session>, AuthError> {
        Ok(account.session_by_id(id)?.filter(|session| self.is_live(account, session)))
    }

    /// The account and the session of a session's token, if it is live. That counts as a use of the session, which is
    /// recorded at most once a minute.
    pub(in crate::flows) async fn session_of(
        &self,
        token: &str,
    ) -> Result<Option<(Account, Session)>, AuthError> {
        let Some(presented) = PresentedToken::parse(TokenKind::Session, token) else {
            return Ok(None);
        };
        let Some(account) = self.store.account(presented.user).await? else {
            return Ok(None);
        };
        let Some(session) = self.live_session(&account, &presented.digest)? else {
            return Ok(None);
        };
        let now = self.clock.now();
        if session.is_seen_due(now) {
            self.store.note_seen(&account, &session, now);
        }
        Ok(Some((account, session)))
    }

    fn is_live(&self, account: &Account, session: &Session) -> bool {
        let lifetimes = self.lifetimes(session.kind);
        account.disabled_at.is_none() && session.is_live(lifetimes, self.clock.now())
    }
}
