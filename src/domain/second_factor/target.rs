//! What second factors are submitted to.

use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::login_challenge::LoginChallenge;
use crate::domain::mail::link::{LinkKind, MailLink};
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
}
