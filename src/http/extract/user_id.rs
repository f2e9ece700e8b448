//! The `user_id` that the tutorial's frontend sends along: a request acts for the session it
//! carries, never for an id it names, so all that an id can do is to be the session's own.

use super::super::problem::ApiError;
use super::fields::Fields;
use crate::domain::account::Account;
use crate::domain::ids::UserId;

/// A user that a request names, if it does.
pub enum NamedUser {
    /// None is named.
    Nobody,
    /// Something that is no id.
    Invalid(String),
    /// Somebody, as the caller wrote it.
    Somebody(UserId, String),
}

/// Characters of an id that are told back.
const SHOWN: usize = 64;

impl NamedUser {
    /// Reads the field.
    pub fn read(fields: &mut Fields) -> Self {
        let named = fields.optional_text("user_id", |text| Ok(text.to_owned()));
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
