//! Recording security events of an account.

use crate::domain::account::Account;
use crate::domain::client::Client;
use crate::domain::event::{Cause, EventId, EventKind, MERGED_WITHIN, SecurityEvent};
use crate::domain::ids::UserId;
use crate::flows::Auth;

impl Auth {
    /// Records an event.
    pub(in crate::flows) fn record(&self, user: UserId, kind: EventKind, cause: impl Into<Cause>) {
        let id = self.event_log.next_id();
        let (at, cause) = (self.clock.now(), cause.into());
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

    /// Records that a change ended the account's other sessions, if it had any.
    pub(in crate::flows) fn record_ended_by_change(&self, account: &Account, client: &Client) {
        // The change is already made: if the list cannot be read, only the event is missing.
        let sessions = account.sessions().map_or(0, |sessions| sessions.len());
        let challenges = account.challenges().map_or(0, |challenges| challenges.len());
        if sessions + challenges > 1 {
            self.record(account.id, EventKind::SessionsEndedByChange, client);
        }
    }
}
