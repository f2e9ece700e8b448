//! Accounts: creating, finding and deleting them, and changing their password.

use bson::oid::ObjectId;
use bson::{Document, doc};

use super::document::{self, at, id};
use super::error::StoreError;
use super::guarded_write::GuardedWrite;
use super::mail;
use super::reading::read_account;
use super::store::{Store, within_deadline};
use crate::domain::account::{Account, PasswordHash};
use crate::domain::authenticator::Authenticator;
use crate::domain::clock::Moment;
use crate::domain::display_name::DisplayName;
use crate::domain::email::EmailAddress;
use crate::domain::ids::UserId;
use crate::domain::mail::link::{LinkKind, MailLink};
use crate::domain::network::KnownNetwork;
use crate::domain::session::Session;
use crate::metrics::Command;

/// A new account.
pub struct NewAccount {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: EmailAddress,
    /// Its owner's name.
    pub name: DisplayName,
    /// The hash of its password.
    pub password: PasswordHash,
    /// Its authenticator app: none, unless it was imported from another system.
    pub authenticator: Authenticator,
    /// The network that it was registered from, if any.
    pub network: Option<KnownNetwork>,
    /// The links that its address is sent.
    pub links: Vec<(LinkKind, MailLink)>,
    /// When it was registered.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

/// Creates an account's id.
#[must_use]
pub fn new_user_id() -> UserId {
    UserId::from_bytes(ObjectId::new().bytes())
}

impl Store {
    /// Stores a new account. Every array and the counter are written, because a missing field matches no
    /// comparison in a filter.
    ///
    /// # Errors
    ///
    /// [`StoreError::Duplicate`] if the email address is taken: only one of several simultaneous
    /// registrations succeeds.
    pub async fn insert_account(&self, account: NewAccount) -> Result<(), StoreError> {
        let networks: Vec<Document> = account.network.iter().map(document::network).collect();
        let mut document = doc! {
            "_id": id(account.id),
            "email": account.email.as_str(),
            "email_verified": false,
            "name": account.name.as_str(),
            "password": account.password.expose(),
            "epoch": 0_i64,
            "created_at": at(account.created_at),
            "updated_at": at(account.updated_at),
        };
        if let Some(totp) = account.authenticator.totp() {
            let is_confirmed = account.authenticator.is_confirmed();
            document.insert("totp", document::totp(totp, is_confirmed));
        }
        document.extend(doc! {
            "recovery": [],
            "codes": { "failed": 0_i64 },
            "sessions": [],
            "tokens": [],
            "challenges": [],
            "networks": networks,
        });
        if !account.links.is_empty() {
            document.insert("mail", mail::links(&account.links));
        }
        let users = self.users.clone_with_type::<Document>();
        within_deadline(self.metrics.begin(Command::Insert), async move {
            users.insert_one(document).await
        })
        .await?;
        Ok(())
    }

    /// Reads the whole account with this id: a projection costs the server more time than sending the
    /// document.
    pub async fn account(&self, user: UserId) -> Result<Option<Account>, StoreError> {
        Ok(self.reads.find(user).await?.map(read_account).transpose()?)
    }

    /// Reads the account with this email address.
    pub async fn account_by_email(
        &self,
        email: &EmailAddress,
    ) -> Result<Option<Account>, StoreError> {
        self.find_account(doc! { "email": email.as_str() }).await
    }

    /// Deletes an account on behalf of one of its sessions.
    ///
    /// Returns `false` if the session is gone or the account changed.
    pub async fn delete_account(
        &self,
        account: &Account,
        session: &Session,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_session(account, session).delete(self).await
    }

    /// Replaces the hash of an unchanged password by one with another cost.
    pub async fn store_rehash(
        &self,
        account: &Account,
        password: &PasswordHash,
    ) -> Result<bool, StoreError> {
        GuardedWrite::of(account)
            .only_if("password", account.password.expose())
            .set("password", password.expose())
            .apply(self)
            .await
    }

    /// Changes the password. Every session except `session` ends, which becomes `kept`.
    ///
    /// Returns `false` if the session is gone or the account changed.
    pub async fn change_password(
        &self,
        (account, session): (&Account, &Session),
        password: &PasswordHash,
        kept: &Session,
        now: Moment,
    ) -> Result<bool, StoreError> {
        GuardedWrite::for_session(account, session)
            .set("password", password.expose())
            .set("updated_at", at(now))
            .ending_all_but(session, kept)
            .apply(self)
            .await
    }

    /// Reads the account that a filter matches.
    pub(super) async fn find_account(
        &self,
        filter: Document,
    ) -> Result<Option<Account>, StoreError> {
        let users = self.users.clone();
        let found = within_deadline(self.metrics.begin(Command::Find), async move {
            users.find_one(filter).await
        })
        .await?;
        Ok(found.map(read_account).transpose()?)
    }
}
