//! Recording security events of an account.

use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::event::{Cause, EventId, EventKind, MERGED_WITHIN, SecurityEvent};
use crate::domain::ids::UserId;
use crate::domain::lists::Malformed;
use crate::domain::session::Session;
use crate::flows::Auth;

impl Auth {
    /// Records an event that happens now.
    pub(in crate::flows) fn record(&self, user: UserId, kind: EventKind, cause: impl Into<Cause>) {
        self.record_at(self.clock.now(), user, kind, cause);
    }

    /// Records an event that happened at the time that its write stored: a "This wasn't me" link undoes what was
    /// made at or after its event.
    pub(in crate::flows) fn record_at(
        &self,
        at: Moment,
        user: UserId,
        kind: EventKind,
        cause: impl Into<Cause>,
    ) {
        let (id, cause) = (self.event_log.next_id(), cause.into());
        self.event_log.record(SecurityEvent { id, user, kind, at, cause });
    }

    /// Records an event that a caller can cause at will: one a minute for each account and network,
    /// however often it happens.
    pub(in crate::flows) fn record_merged(&self, user: UserId, kind: EventKind, client: &Client) {
        let at = self.clock.now();
        let minute = (at.timestamp() / MERGED_WITHIN.num_seconds()).to_string();
        let (account, network) = (user.to_string(), client.network().to_string());
        let parts = [kind.as_str(), &account, &network, &minute];
        let id = EventId::of(&self.digests.of("merged event", &parts));
        self.event_log.record(SecurityEvent { id, user, kind, at, cause: client.into() });
    }

    /// Records that a change ended live sessions and login challenges of the account, except `kept`, the
    /// digest of the session or challenge that made the change. Records nothing if there were none.
    pub(in crate::flows) fn record_ended_by_change(
        &self,
        account: &Account,
        kept: Option<&Digest>,
        client: &Client,
    ) {
        self.record_change_cancelled(account, client);
        // The change is already made: if the lists cannot be read, only the event is missing.
        if self.has_others(account, kept).unwrap_or_default() {
            self.record(account.id, EventKind::SessionsEndedByChange, client);
        }
    }

    fn has_others(&self, account: &Account, kept: Option<&Digest>) -> Result<bool, Malformed> {
        let now = self.clock.now();
        let is_other = |digest: &Digest| Some(digest) != kept;
        let is_live = |session: &Session| session.is_live(self.lifetimes(session.kind), now);
        let sessions = account.sessions()?;
        let challenges = account.challenges()?;
        Ok(sessions.iter().any(|session| is_other(&session.digest) && is_live(session))
            || challenges
                .iter()
                .any(|challenge| is_other(&challenge.digest) && challenge.is_live(now)))
    }
}
