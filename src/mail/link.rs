//! Links that mails contain.

use std::fmt;

use chrono::TimeDelta;
use url::Url;

use crate::domain::wait::in_words;

/// A page that a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkPage {
    /// Confirms the address of an account.
    Verify,
    /// Deletes an account that was never verified: "I did not sign up".
    Disown,
    /// Sets a new password.
    Reset,
    /// Confirms a new address.
    ConfirmEmail,
    /// Approves a change of address, from the current one.
    ApproveEmail,
    /// Undoes what a thief did: "This wasn't me".
    Secure,
}

impl LinkPage {
    /// Its name in the URL's fragment.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Disown => "disown",
            Self::Reset => "reset",
            Self::ConfirmEmail => "confirm-email",
            Self::ApproveEmail => "approve-email",
            Self::Secure => "secure",
        }
    }

    /// How long its links work. The mails say so.
    #[must_use]
    pub const fn lifetime(self) -> TimeDelta {
        match self {
            Self::Reset => TimeDelta::minutes(30),
            Self::Verify | Self::Disown | Self::ConfirmEmail | Self::ApproveEmail => {
                TimeDelta::hours(24)
            }
            Self::Secure => TimeDelta::hours(72),
        }
    }
}

/// A URL with a token in it: whoever has it can act for the account's owner, so it cannot be printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Link {
    page: LinkPage,
    url: String,
}

impl Link {
    /// The whole URL. It belongs in the message and nowhere else.
    pub(super) fn expose(&self) -> &str {
        &self.url
    }

    /// How long it works, in words.
    pub(super) fn lifetime(&self) -> String {
        in_words(self.page.lifetime())
    }

    /// A link for checking templates.
    pub(super) fn sample(page: LinkPage) -> Self {
        Self { page, url: format!("https://auth.example.com/#/{}?token=sample", page.as_str()) }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({:?})", self.page)
    }
}

/// Builds links to the pages at one URL.
#[derive(Clone, Debug)]
pub struct PageLinks(Url);

impl PageLinks {
    /// Links to the pages at `base`; its fragment is ignored.
    #[must_use]
    pub fn new(mut base: Url) -> Self {
        base.set_fragment(None);
        Self(base)
    }

    /// A link with a token, in the fragment: browsers send it neither to a server nor in `Referer`. A character
    /// that does not fit a fragment is percent-encoded.
    #[must_use]
    pub fn to(&self, page: LinkPage, token: &str) -> Link {
        let mut url = self.0.clone();
        url.set_fragment(Some(&format!("/{}?token={token}", page.as_str())));
        Link { page, url: url.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_in_the_fragment_and_a_link_is_not_printable() {
        let pages = PageLinks::new(Url::parse("https://auth.example.com/account#x").unwrap());
        let link = pages.to(LinkPage::ConfirmEmail, "s3cret-token_");
        assert_eq!(
            link.expose(),
            "https://auth.example.com/account#/confirm-email?token=s3cret-token_"
        );
        assert!(!format!("{link:?}").contains("s3cret"));
    }
}
