//! Passwords, recovery codes and passkeys within a session: counted before they are checked.

use chrono::TimeDelta;

use super::access::OpenSession;
use super::retry::Attempt;
use crate::domain::account::Account;
use crate::domain::event::EventKind;
use crate::domain::session::Session;
use crate::flows::Auth;
use crate::flows::error::{AuthError, PasskeyError};
use crate::metrics::Throttled;

impl Auth {
    /// Counts a password or recovery code that is about to be checked within a session, and returns
    /// the account as it was when it was counted.
    ///
    /// # Errors
    ///
    /// [`AuthError::NotAuthenticated`] if the session has ended, which it does here if its last try was never
    /// settled; [`AuthError::TooManyAttempts`] while its last tries are being checked.
    pub(in crate::flows) async fn charge_session(
        &self,
        caller: &OpenSession,
    ) -> Result<Account, AuthError> {
        let digest = &caller.session.digest;
        self.retry(caller.account.clone(), async |account: &Account| {
            let session = self.full_session(account, digest)?;
            let now = self.clock.now();
            if self.store.charge_session(account, &session, now).await? {
                return Ok(Attempt::Done(account.clone()));
            }
            if session.failed < Session::FAILURES_ALLOWED {
                return Ok(Attempt::Conflict);
            }
            if self.store.end_abandoned_session(account, &session, now).await? {
                self.record(account.id, EventKind::SessionEndedByFailures, &caller.client);
                return Err(AuthError::NotAuthenticated);
            }
            Err(self.throttled(Throttled::SessionTries, TimeDelta::seconds(1)))
        })
        .await
    }

    /// Settles what was counted before a check. A wrong password or code stays counted, and the last
    /// try ends the session; an attempt refused for another reason is taken back. A success resets the
    /// count in its own write, and a database that does not respond could not take it back either.
    pub(in crate::flows) async fn settle<T>(
        &self,
        caller: &OpenSession,
        charged: &Account,
        outcome: Result<T, AuthError>,
    ) -> Result<T, AuthError> {
        let OpenSession { session, client, .. } = caller;
        match &outcome {
            Ok(_) | Err(AuthError::Unavailable) => {}
            Err(
                wrong @ (AuthError::WrongCode
                | AuthError::WrongPassword
                | AuthError::Passkey(PasskeyError::Invalid)),
            ) => {
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
