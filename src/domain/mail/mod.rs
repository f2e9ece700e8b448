//! What an account stores about mail: its links and a pending change of its address.

pub mod change;
pub mod job;
pub mod link;
pub mod seed;

use self::change::EmailChange;
use self::link::{LinkKind, MailLink};
use super::clock::Moment;
use super::passkey::ceremony::PendingChallenge;
use super::throttle::Counter;

/// The field `mail` of an account.
#[derive(Clone, Debug)]
pub struct AccountMail {
    /// The link that verifies the address.
    pub verify: Option<MailLink>,
    /// The link that deletes an account whose address was never verified. It stays after it has expired:
    /// only an account that was registered here with mail on has one.
    pub disown: Option<MailLink>,
    /// The link that resets the password, asked for from a network that the account does not know.
    pub reset: Option<MailLink>,
    /// The same, asked for from a network that the account knows.
    pub reset_known: Option<MailLink>,
    /// A pending change of the address.
    pub change: Option<EmailChange>,
    /// Wrong codes at links, in a row. They do not count at logins, nor do those of logins count here.
    pub codes: Counter,
    /// Wrong second factors at "This wasn't me" links, by the time of the event.
    pub secure_tries: Vec<(Moment, u32)>,
    /// The challenge that a passkey must sign for the "This wasn't me" links of the event at this time.
    pub secure_passkey: Option<(Moment, PendingChallenge)>,
}

impl AccountMail {
    /// An account without links.
    pub const NONE: Self = Self {
        verify: None,
        disown: None,
        reset: None,
        reset_known: None,
        change: None,
        codes: Counter { failed: 0, at: Moment::UNIX_EPOCH },
        secure_tries: Vec::new(),
        secure_passkey: None,
    };

    /// How many wrong second factors were submitted with the "This wasn't me" links of an event.
    #[must_use]
    pub fn tries_of(&self, event_at: Moment) -> u32 {
        let tries = self.secure_tries.iter().find(|(at, _)| *at == event_at);
        tries.map_or(0, |(_, count)| *count)
    }

    /// The challenge that a passkey must sign for the "This wasn't me" links of an event, live or not.
    #[must_use]
    pub fn secure_passkey_of(&self, event_at: Moment) -> Option<PendingChallenge> {
        self.secure_passkey.filter(|(at, _)| *at == event_at).map(|(_, challenge)| challenge)
    }

    /// The link of a kind, live or not.
    #[must_use]
    pub fn link(&self, kind: LinkKind) -> Option<&MailLink> {
        match kind {
            LinkKind::Verify => self.verify.as_ref(),
            LinkKind::Disown => self.disown.as_ref(),
            LinkKind::Reset => self.reset.as_ref(),
            LinkKind::ResetFromKnown => self.reset_known.as_ref(),
        }
    }
}
