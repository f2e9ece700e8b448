//! The operator's operations on accounts.

use bson::{Document, RawDocumentBuf, doc};
use mongodb::options::FindOptions;

use super::document::{ENROLMENTS, at, id};
use super::error::StoreError;
use super::fields::{BadField, Fields};
use super::guard::codes_are_open;
use super::guarded_write::GuardedWrite;
use super::reading::read_account;
use super::store::{Store, within_deadline};
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::ids::UserId;
use crate::metrics::Command;

/// Which accounts to list.
#[derive(Clone, Debug, Default)]
pub struct AccountFilter {
    /// Only those with a second factor, or only those without.
    pub two_factor: Option<bool>,
    /// Only those whose codes are locked.
    pub locked: bool,
    /// Those whose address or name contains this text, in any case.
    pub search: Option<String>,
}

/// Which second factors an operator removes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorReset {
    /// The authenticator app.
    Authenticator,
    /// The authenticator app and the passkeys.
    All,
}

impl AccountFilter {
    fn document(self, now: Moment) -> Document {
        let mut filter = Document::new();
        if let Some(on) = self.two_factor {
            let factors =
                [doc! { "totp": { "$exists": true } }, doc! { "passkeys.0": { "$exists": true } }];
            filter.insert("$and", [doc! { if on { "$or" } else { "$nor" }: factors }]);
        }
        if self.locked {
            filter.insert("$nor", codes_are_open(now));
        }
        if let Some(text) = self.search {
            let contains = doc! { "$regex": literal_pattern(&text), "$options": "i" };
            filter.insert("$or", [doc! { "email": contains.clone() }, doc! { "name": contains }]);
        }
        filter
    }
}

/// Returns a regular expression that matches the text and nothing else. PCRE, which MongoDB uses, takes
/// every escaped character literally, except ASCII letters and digits.
fn literal_pattern(text: &str) -> String {
    let mut pattern = String::new();
    for letter in text.chars() {
        if !letter.is_ascii_alphanumeric() {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

impl Store {
    /// Accounts in the order of their ids: at most `limit`, after `after`.
    pub async fn list_accounts(
        &self,
        filter: AccountFilter,
        after: Option<UserId>,
        limit: usize,
        now: Moment,
    ) -> Result<Vec<Account>, StoreError> {
        use futures_util::TryStreamExt;
        let mut filter = filter.document(now);
        if let Some(after) = after {
            filter.insert("_id", doc! { "$gt": id(after) });
        }
        let options = FindOptions::builder()
            .sort(doc! { "_id": 1 })
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .build();
        // No deadline: finding few among many may take longer than a request.
        let found: Vec<RawDocumentBuf> =
            self.users.find(filter).with_options(options).await?.try_collect().await?;
        Ok(found.into_iter().map(read_account).collect::<Result<_, _>>()?)
    }

    /// Resets an account's count of wrong codes.
    ///
    /// Returns `false` if the account changed since it was read.
    pub async fn unlock_codes(&self, account: &Account) -> Result<bool, StoreError> {
        GuardedWrite::of(account).set("codes.failed", 0_i64).unset("mail.codes").apply(self).await
    }

    /// Ends every session and challenge of an account.
    ///
    /// Returns `false` if the account changed since it was read.
    pub async fn end_all_sessions(&self, account: &Account) -> Result<bool, StoreError> {
        GuardedWrite::of(account).ending_all().apply(self).await
    }

    /// Removes second factors, and ends every session and trusted device. Recovery codes stay if a passkey does.
    ///
    /// Returns `false` if the account changed since it was read.
    pub async fn reset_factors(
        &self,
        account: &Account,
        reset: FactorReset,
        now: Moment,
    ) -> Result<bool, StoreError> {
        let write = GuardedWrite::of(account)
            .only_if_no_passkey_was_added(account)
            .unset("totp")
            .unset("pending")
            .set("updated_at", at(now))
            .ending_all();
        let write = match reset {
            FactorReset::All => write.unset("passkeys").unset(ENROLMENTS).without_second_factor(),
            FactorReset::Authenticator if account.passkeys.is_empty() => {
                write.without_second_factor()
            }
            FactorReset::Authenticator => write.set("codes.failed", 0_i64).unset("mail.codes"),
        };
        write.apply(self).await
    }

    /// Marks the address as verified, without a link.
    ///
    /// Returns `false` if the account changed since it was read.
    pub async fn mark_email_verified(
        &self,
        account: &Account,
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::of(account)
            .only_if("email", account.email.as_str())
            .set("email_verified", true)
            .set("updated_at", at(now))
            .unset("mail.verify")
            .unset("mail.disown")
            .unset("mail.change")
            .apply(self)
            .await
    }

    /// Disables an account and ends every session.
    ///
    /// Returns `false` if the account changed since it was read.
    pub async fn disable_account(
        &self,
        account: &Account,
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::of(account).set("disabled_at", at(now)).ending_all().apply(self).await
    }

    /// Enables an account.
    ///
    /// Returns `false` if the account changed since it was read.
    pub async fn enable_account(&self, account: &Account) -> Result<bool, StoreError> {
        GuardedWrite::of(account).unset("disabled_at").apply(self).await
    }

    /// Deletes an account.
    ///
    /// Returns `false` if the account changed since it was read.
    pub async fn remove_account(&self, account: &Account) -> Result<bool, StoreError> {
        GuardedWrite::of(account).delete(self).await
    }

    /// The ids and email addresses of the accounts that have one of these ids or addresses.
    pub async fn taken(
        &self,
        users: &[UserId],
        addresses: &[&str],
    ) -> Result<Vec<(UserId, String)>, StoreError> {
        use futures_util::TryStreamExt;
        let users: Vec<_> = users.iter().map(|user| id(*user)).collect();
        let filter =
            doc! { "$or": [{ "_id": { "$in": users } }, { "email": { "$in": addresses } }] };
        let options = FindOptions::builder().projection(doc! { "email": 1 }).build();
        let collection = self.users.clone();
        let found: Vec<RawDocumentBuf> =
            within_deadline(self.metrics.begin(Command::Find), async move {
                collection.find(filter).with_options(options).await?.try_collect().await
            })
            .await?;
        found.iter().map(|raw| Ok(read_taken(raw).map_err(|bad| bad.of("users", raw))?)).collect()
    }
}

fn read_taken(raw: &RawDocumentBuf) -> Result<(UserId, String), BadField> {
    let fields = Fields::of("", raw)?;
    Ok((fields.user_id("_id")?, fields.text("email")?.to_owned()))
}
