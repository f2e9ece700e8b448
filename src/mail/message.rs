//! What a message says, before it is put into words.

use super::link::{Link, LinkPage};
use crate::domain::clock::Moment;
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::notice::NoticeKind;

/// A message to one person.
#[derive(Clone, Debug)]
pub struct Message {
    /// The recipient.
    pub to: EmailAddress,
    /// The recipient's name, for the greeting. Only for a verified address: on any other, a stranger chose it.
    pub name: Option<DisplayName>,
    /// What it is about.
    pub content: Content,
}

/// What a message is about.
#[derive(Clone, Debug)]
pub enum Content {
    /// Asks to confirm the address of an account.
    Verify {
        /// Confirms it.
        link: Link,
        /// "I did not sign up".
        disown: Option<Link>,
    },
    /// Lets the owner set a new password.
    Reset {
        /// Sets it.
        link: Link,
        /// "I did not sign up".
        disown: Option<Link>,
    },
    /// Asks to confirm a new address, at that address.
    ConfirmChange {
        /// Confirms it.
        link: Link,
    },
    /// The notice `email_change_requested`, at the current address.
    ChangeRequested {
        /// When it was asked for.
        at: Moment,
        /// Approves it.
        approve: Link,
        /// "This wasn't me".
        secure: Link,
    },
    /// Another notice.
    Notice {
        /// What happened.
        kind: NoticeKind,
        /// When it happened.
        at: Moment,
        /// "This wasn't me". Without it, the notice says whom to ask.
        secure: Option<Link>,
    },
    /// A message by which the operator tries the settings.
    Test,
}

impl Content {
    /// The value of the header `X-Twofold-Message`, and the name of the template.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Verify { .. } => "verify".to_owned(),
            Self::Reset { .. } => "reset".to_owned(),
            Self::ConfirmChange { .. } => "change".to_owned(),
            Self::ChangeRequested { .. } => notice_name(NoticeKind::EmailChangeRequested),
            Self::Notice { kind, .. } => notice_name(*kind),
            Self::Test => "test".to_owned(),
        }
    }

    /// Its links, by the names that templates have for them.
    pub(super) fn links(&self) -> Vec<(&'static str, &Link)> {
        let (first, second) = match self {
            Self::Verify { link, disown } | Self::Reset { link, disown } => {
                (Some(("link", link)), disown.as_ref().map(|link| ("disown", link)))
            }
            Self::ConfirmChange { link } => (Some(("link", link)), None),
            Self::ChangeRequested { approve, secure, .. } => {
                (Some(("approve", approve)), Some(("secure", secure)))
            }
            Self::Notice { secure, .. } => (secure.as_ref().map(|link| ("secure", link)), None),
            Self::Test => (None, None),
        };
        first.into_iter().chain(second).collect()
    }

    /// When what it is about happened.
    pub(super) fn at(&self) -> Option<Moment> {
        match self {
            Self::ChangeRequested { at, .. } | Self::Notice { at, .. } => Some(*at),
            Self::Verify { .. } | Self::Reset { .. } | Self::ConfirmChange { .. } | Self::Test => {
                None
            }
        }
    }

    /// Every content in each of its forms, for checking templates.
    pub(super) fn samples(at: Moment) -> Vec<Self> {
        let link = Link::sample;
        let mut samples = vec![
            Self::ConfirmChange { link: link(LinkPage::ConfirmEmail) },
            Self::ChangeRequested {
                at,
                approve: link(LinkPage::ApproveEmail),
                secure: link(LinkPage::Secure),
            },
            Self::Test,
        ];
        for disown in [None, Some(link(LinkPage::Disown))] {
            samples.push(Self::Verify { link: link(LinkPage::Verify), disown: disown.clone() });
            samples.push(Self::Reset { link: link(LinkPage::Reset), disown });
        }
        for kind in NoticeKind::ALL {
            for secure in [None, Some(link(LinkPage::Secure))] {
                samples.push(Self::Notice { kind, at, secure });
            }
        }
        samples
    }
}

fn notice_name(kind: NoticeKind) -> String {
    format!("notice-{}", kind.as_str())
}
