//! Sessions in their owner's hands: seen, ended one by one or all at once.

use super::Auth;
use super::access::{Credentials, OpenSession, SignedIn};
use super::error::AuthError;
use crate::crypto::token::PresentedToken;
use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::clock::Moment;
use crate::domain::event::EventKind;
use crate::domain::ids::SessionId;
use crate::domain::session::Session;

/// A session as its owner sees it.
#[derive(Clone)]
pub struct SessionView {
    /// The session.
    pub session: Session,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// When it ends unless it is used again.
    pub expires_at: Moment,
}

impl Auth {
    /// The session that asks, as its owner sees it.
    #[must_use]
    pub fn view(&self, session: Session) -> SessionView {
        let expires_at = session.expires_at(self.lifetimes(session.kind));
        SessionView { session, is_current: true, expires_at }
    }

    /// Every live session of the account, of both kinds, last seen first.
    ///
    /// # Errors
    ///
    /// None that the caller causes.
    pub fn live_sessions(&self, caller: &OpenSession) -> Result<Vec<SessionView>, AuthError> {
        let mut views = self.live_sessions_of(&caller.account)?;
        for view in &mut views {
            view.is_current = view.session.digest == caller.session.digest;
        }
        Ok(views)
    }

    /// The same, of which none asks.
    pub(super) fn live_sessions_of(
        &self,
        account: &Account,
    ) -> Result<Vec<SessionView>, AuthError> {
        let now = self.clock.now();
        let view = |session| SessionView { is_current: false, ..self.view(session) };
        let live = |view: &SessionView| now < view.expires_at;
        let sessions = account.lists.sessions()?.into_iter();
        let mut views: Vec<_> = sessions.map(view).filter(live).collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.session.last_seen_at));
        Ok(views)
    }

    /// Ends one of the caller's sessions, which may be the one that asks.
    ///
    /// # Errors
    ///
    /// [`AuthError::SessionNotFound`] where the caller has none with this id.
    pub async fn end_session(&self, caller: &SignedIn, id: &SessionId) -> Result<(), AuthError> {
        let OpenSession { account, session: own, client, .. } = &caller.0;
        let session = account.session_named(id)?.ok_or(AuthError::SessionNotFound)?;
        if self.store.end_session(account, &session).await? {
            let is_own = session.digest == own.digest;
            let kind = if is_own { EventKind::SignedOut } else { EventKind::SessionEnded };
            self.record(account.id, kind, client);
        }
        Ok(())
    }

    /// Ends every other session of the caller, and every login under way.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] where the caller's own ended meanwhile.
    pub async fn end_other_sessions(&self, caller: SignedIn) -> Result<(), AuthError> {
        let OpenSession { account, session, client, .. } = caller.0;
        let user = account.id;
        self.decide(account, async |account: &Account| {
            let kept = self.full_session(account, &session.digest)?;
            Ok(self.store.end_other_sessions(account, &kept).await?.then_some(()))
        })
        .await?;
        self.record(user, EventKind::OtherSessionsEnded, &client);
        Ok(())
    }

    /// Ends whatever a request carries: what the `Bearer` header does, or both cookies.
    ///
    /// # Errors
    ///
    /// [`AuthError::Unavailable`]: then it did not end.
    pub async fn log_out(
        &self,
        credentials: Credentials<'_>,
        client: &Client,
    ) -> Result<(), AuthError> {
        let carried = match credentials.bearer {
            Some(bearer) => [Some(bearer), None],
            None => [credentials.session_cookie, credentials.login_cookie],
        };
        for token in carried.into_iter().flatten() {
            if let Some(presented) = PresentedToken::parse(token) {
                self.end_token(presented, client).await?;
            }
        }
        Ok(())
    }

    /// Counts a password or recovery code that is about to be checked within a session, and returns
    /// the account as it was when it was counted.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] where the session is over;
    /// [`AuthError::TooManyAttempts`] while its last tries are being checked.
    pub(super) async fn charge_session(&self, caller: &OpenSession) -> Result<Account, AuthError> {
        let digest = &caller.session.digest;
        self.decide(caller.account.clone(), async |account: &Account| {
            let session = self.full_session(account, digest)?;
            if self.store.charge_session(account, &session).await? {
                return Ok(Some(account.clone()));
            }
            let current = self.store.account(account.id).await?;
            let session = current.map(|account| account.session(digest)).transpose()?.flatten();
            match session {
                Some(session) if session.failed >= Session::FAILURES_ALLOWED => {
                    Err(AuthError::TooManyAttempts(chrono::TimeDelta::seconds(1)))
                }
                _ => Ok(None),
            }
        })
        .await
    }

    /// Settles what was counted before a check. What was wrong stays counted, and with the last try ends
    /// the session; what was refused for another reason is taken back. A success forgets the count in
    /// its own write, and a database that does not answer would not take it back either.
    pub(super) async fn settle<T>(
        &self,
        caller: &OpenSession,
        charged: &Account,
        outcome: Result<T, AuthError>,
    ) -> Result<T, AuthError> {
        let OpenSession { session, client, .. } = caller;
        match outcome {
            Ok(_) | Err(AuthError::Unavailable) => {}
            Err(ref wrong @ (AuthError::WrongCode | AuthError::WrongPassword)) => {
                if matches!(wrong, AuthError::WrongPassword) {
                    self.record_merged(charged.id, EventKind::WrongPassword, client);
                }
                if self.store.end_spent_session(charged, session).await? {
                    self.record(charged.id, EventKind::SessionEndedByFailures, client);
                }
            }
            Err(_) => self.store.refund_session(charged, session).await?,
        }
        outcome
    }
}
