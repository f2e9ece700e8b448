//! The `user_id` that the tutorial's frontend sends. A request acts for the session it carries and never for
//! an id it names, so the id must be the session's own.

use super::super::error::ApiError;
use super::fields::Fields;
use crate::domain::account::Account;
use crate::domain::ids::UserId;

/// The user that a request names, if any.
pub enum NamedUser {
    /// No id was sent.
    Nobody,
    /// An invalid id.
    Invalid(String),
    /// A valid id, and the text that was sent.
    Somebody(UserId, String),
}

/// Characters of an id that are repeated in a response.
const SHOWN: usize = 64;

impl NamedUser {
    /// Reads the field.
    pub fn read(fields: &mut Fields, field: &'static str) -> Self {
        let named = fields.optional_text(field, |text| Ok(text.to_owned()));
        let shown = |text: &str| text.chars().take(SHOWN).collect::<String>();
        match named {
            None => Self::Nobody,
            Some(text) => match UserId::parse(&text) {
                None => Self::Invalid(shown(&text)),
                Some(id) => Self::Somebody(id, text),
            },
        }
    }

    /// Whether it is the account's own id, or none.
    pub fn is_own(&self, account: &Account) -> bool {
        match self {
            Self::Nobody => true,
            Self::Invalid(_) => false,
            Self::Somebody(id, _) => *id == account.id,
        }
    }

    /// # Errors
    ///
    /// [`ApiError::InvalidUserId`], [`ApiError::UnknownUserId`].
    pub fn require_own(self, account: &Account) -> Result<(), ApiError> {
        match self {
            Self::Nobody => Ok(()),
            Self::Invalid(text) => Err(ApiError::InvalidUserId(text)),
            Self::Somebody(id, _) if id == account.id => Ok(()),
            Self::Somebody(_, text) => Err(ApiError::UnknownUserId(text)),
        }
    }
}
