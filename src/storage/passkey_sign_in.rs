//! Signing in with a passkey alone.

use bson::doc;

use super::document::{self, SPENT, binary};
use super::error::StoreError;
use super::guarded_write::GuardedWrite;
use super::opening::Opening;
use super::store::Store;
use crate::domain::account::{Account, PasswordHash};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::lists::Malformed;
use crate::domain::passkey::ceremony::{PendingChallenge, VerifiedAssertion};
use crate::domain::passkey::{CredentialId, Passkey};

/// A verified assertion of a passkey, as it is used up.
pub struct SignInPasskey<'a> {
    /// The challenge that it signed.
    pub challenge: PendingChallenge,
    /// The passkey as it was read.
    pub passkey: &'a Passkey,
    /// What the assertion says.
    pub verified: VerifiedAssertion,
}

impl GuardedWrite {
    /// Uses up an assertion: its challenge and its signature count once.
    fn spending_assertion(
        account: &Account,
        used: &SignInPasskey<'_>,
        now: Moment,
    ) -> Result<Self, Malformed> {
        let spent = account.spent_challenges()?;
        Ok(Self::of(account)
            .spending(used.challenge, &spent, now)
            .only_if_not_signed_since(used.passkey)
            .recording_signature(used.passkey, used.verified, now))
    }

    /// Requires that the challenge was not used, and records that it is. It takes the place of an expired one, if
    /// there is one that was read; otherwise there must be room.
    fn spending(self, challenge: PendingChallenge, read: &[PendingChallenge], now: Moment) -> Self {
        let value = document::passkey_challenge(&challenge);
        let write = match read.iter().find(|spent| !spent.is_live(now)) {
            Some(expired) => {
                self.replace(SPENT, "digest", document::digest(&expired.digest), value)
            }
            None => self.push(SPENT, value, PendingChallenge::SPENT_LIMIT),
        };
        write.narrow("spent.digest", doc! { "$ne": document::digest(&challenge.digest) })
    }
}

impl Store {
    /// Uses up an assertion that opens nothing.
    ///
    /// Returns `false` if it was used before, too many were, or the account changed.
    pub async fn spend_assertion(
        &self,
        account: &Account,
        used: &SignInPasskey<'_>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::spending_assertion(account, used, now)?.apply(self).await
    }

    /// Reads the account that has this passkey.
    pub async fn account_by_passkey(
        &self,
        passkey: &CredentialId,
    ) -> Result<Option<Account>, StoreError> {
        self.find_account(doc! { "passkeys.id": binary(passkey.bytes()) }).await
    }

    /// Opens a session by a passkey alone, and uses its challenge up.
    ///
    /// Returns `false` if the challenge was used before, there are too many used ones, the passkey has signed since
    /// it was read, or the account changed, was disabled or has no password until a link sets one.
    pub async fn sign_in_with_passkey(
        &self,
        account: &Account,
        used: &SignInPasskey<'_>,
        opening: &Opening,
        carried_challenge: Option<Digest>,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let write = GuardedWrite::spending_assertion(account, used, now)?
            .only_if("disabled_at", doc! { "$exists": false })
            .only_if("password", doc! { "$ne": PasswordHash::none().expose() })
            .opening(account, opening)?;
        let write = match carried_challenge {
            Some(digest) => write.pull("challenges", doc! { "digest": document::digest(&digest) }),
            None => write,
        };
        write.apply(self).await
    }
}
