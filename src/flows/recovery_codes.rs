//! New recovery codes.

use super::Auth;
use super::access::{Fresh, OpenSession, SignedIn};
use super::error::AuthError;
use super::shared::retry::Attempt;
use crate::crypto::recovery_codes::RecoverySet;
use crate::domain::account::Account;
use crate::domain::event::EventKind;
use crate::domain::recovery_code::RecoveryCode;

impl Auth {
    /// Creates ten new recovery codes, to be shown once; the old ones stop working.
    ///
    /// # Errors
    ///
    /// [`AuthError::OtpNotEnabled`] if the account has no second factor;
    /// [`AuthError::TooManyAttempts`].
    pub async fn renew_recovery_codes(
        &self,
        caller: Fresh<SignedIn>,
    ) -> Result<Vec<RecoveryCode>, AuthError> {
        let OpenSession { account, session, client, .. } = caller.0.0;
        let user = account.id;
        if account.has_second_factor() {
            self.charge_factor_change(user).await?;
        }
        let RecoverySet { codes, digests } = RecoverySet::generate();
        self.retry(account, async |account: &Account| {
            let session = self.full_session(account, &session.digest)?;
            if !account.has_second_factor() {
                return Err(AuthError::OtpNotEnabled);
            }
            let now = self.clock.now();
            let renewed = self.store.renew_recovery_codes(account, &session, &digests, now).await?;
            if renewed {
                self.record_at(now, user, EventKind::RecoveryCodesRenewed, &client);
            }
            Ok(Attempt::of(renewed))
        })
        .await?;
        Ok(codes)
    }
}
