//! What second factors are submitted to.

use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::mail::link::{LinkKind, MailLink};
use crate::domain::passkey::Passkey;
use crate::domain::passkey::ceremony::PendingChallenge;
use crate::domain::session::Session;
use crate::domain::throttle::Counter;

/// What a second factor is submitted to, and what a wrong one is charged to.
#[derive(Clone, Copy)]
pub enum FactorTarget<'a> {
    /// A login challenge, which has five tries.
    Challenge(&'a LoginChallenge),
    /// A full session. Its tries are counted before the check.
    Session(&'a Session),
    /// The password in the same request, which is charged itself.
    Password,
    /// A link that resets the password, which has five tries.
    Reset(LinkKind, &'a MailLink),
    /// The "This wasn't me" links of the event at this time, which have five tries.
    Secure(Moment),
}

impl FactorTarget<'_> {
    /// The digest of the challenge or session.
    #[must_use]
    pub fn digest(&self) -> Option<&Digest> {
        match self {
            Self::Challenge(challenge) => Some(&challenge.digest),
            Self::Session(session) => Some(&session.digest),
            Self::Password | Self::Reset(..) | Self::Secure(_) => None,
        }
    }

    /// Whether it is a link in a mail.
    #[must_use]
    pub fn is_link(&self) -> bool {
        matches!(self, Self::Reset(..) | Self::Secure(_))
    }

    /// The wrong six-digit codes that lock it. Links have a budget of their own, by the same rule, so that
    /// neither links nor logins lock the other.
    #[must_use]
    pub fn codes(&self, account: &Account) -> Counter {
        if self.is_link() { account.mail.codes } else { account.codes }
    }

    /// The challenge that a passkey must sign for it, live or not.
    #[must_use]
    pub fn passkey_challenge(&self, account: &Account) -> Option<PendingChallenge> {
        match self {
            Self::Challenge(challenge) => challenge.passkey,
            Self::Session(session) => session.passkey,
            Self::Password => None,
            Self::Reset(_, link) => link.passkey,
            Self::Secure(event_at) => account.mail.secure_passkey_of(*event_at),
        }
    }

    /// The passkeys that may sign for it: all, or those that are older than the event of a link that undoes
    /// what came later.
    pub fn passkeys<'a>(&self, account: &'a Account) -> impl Iterator<Item = &'a Passkey> {
        let before = match self {
            Self::Secure(event_at) => Some(*event_at),
            _ => None,
        };
        let is_old = move |passkey: &&Passkey| before.is_none_or(|at| passkey.created_at < at);
        account.passkeys.iter().filter(is_old)
    }
}
