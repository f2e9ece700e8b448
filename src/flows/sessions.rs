//! An account's sessions, listed and ended by their owner.

use super::Auth;
use super::access::{OpenSession, SignedIn};
use super::error::AuthError;
use super::shared::retry::Attempt;
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::event::EventKind;
use crate::domain::ids::SessionId;
use crate::domain::session::Session;

/// A session as its owner sees it.
#[derive(Clone)]
pub struct SessionView {
    /// The session.
    pub session: Session,
    /// Whether the request was made with it.
    pub is_current: bool,
    /// When it ends unless it is used again.
    pub expires_at: Moment,
}

impl Auth {
    /// The session that the request was made with.
    #[must_use]
    pub fn view(&self, session: Session) -> SessionView {
        let expires_at = session.expires_at(self.lifetimes(session.kind));
        SessionView { session, is_current: true, expires_at }
    }

    /// Every live session of the account, of both kinds, last seen first.
    pub fn live_sessions(&self, caller: &OpenSession) -> Result<Vec<SessionView>, AuthError> {
        let mut views = self.live_sessions_of(&caller.account)?;
        for view in &mut views {
            view.is_current = view.session.digest == caller.session.digest;
        }
        Ok(views)
    }

    /// The same, for a request without a session.
    pub(super) fn live_sessions_of(
        &self,
        account: &Account,
    ) -> Result<Vec<SessionView>, AuthError> {
        let now = self.clock.now();
        let view = |session| SessionView { is_current: false, ..self.view(session) };
        let live = |view: &SessionView| now < view.expires_at;
        let sessions = account.sessions()?.into_iter();
        let mut views: Vec<_> = sessions.map(view).filter(live).collect();
        views.sort_by_key(|view| std::cmp::Reverse(view.session.last_seen_at));
        Ok(views)
    }

    /// Ends one of the caller's sessions, which may be the one that the request was made with.
    ///
    /// # Errors
    ///
    /// [`AuthError::SessionNotFound`] if the caller has no session with this id.
    pub async fn end_session(&self, caller: &SignedIn, id: &SessionId) -> Result<(), AuthError> {
        let OpenSession { account, session: own, client, .. } = &caller.0;
        let session = account.session_by_id(id)?.ok_or(AuthError::SessionNotFound)?;
        if self.store.end_session(account, &session).await? {
            let is_own = session.digest == own.digest;
            let kind = if is_own { EventKind::SignedOut } else { EventKind::SessionEnded };
            self.record(account.id, kind, client);
        }
        Ok(())
    }

    /// Ends every other session of the caller, and every login challenge.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] if the caller's own session has ended.
    pub async fn end_other_sessions(&self, caller: SignedIn) -> Result<(), AuthError> {
        let OpenSession { account, session, client, .. } = caller.0;
        let user = account.id;
        self.retry(account, async |account: &Account| {
            let kept = self.full_session(account, &session.digest)?;
            Ok(Attempt::of(self.store.end_other_sessions(account, &kept).await?))
        })
        .await?;
        self.record(user, EventKind::OtherSessionsEnded, &client);
        Ok(())
    }
}
