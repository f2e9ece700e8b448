//! Reading and replacing every sealed secret, for the rotation of sealing keys.

use bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::options::FindOptions;

use super::document::{id, sealed};
use super::error::StoreError;
use super::fields::{BadField, Fields};
use super::store::{Store, within_deadline};
use crate::domain::authenticator::Sealed;
use crate::domain::ids::UserId;
use crate::metrics::Command;

/// Which secret of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The authenticator app's.
    Authenticator,
    /// A pending enrolment's.
    Pending,
}

/// A sealed secret, and where it is stored.
#[derive(Clone, Debug)]
pub struct StoredSecret {
    /// The account.
    pub user: UserId,
    /// Which secret of the account.
    pub place: Place,
    /// The secret.
    pub sealed: Sealed,
}

impl Place {
    fn path(self) -> &'static str {
        match self {
            Self::Authenticator => "totp.secret",
            Self::Pending => "pending.secret",
        }
    }
}

impl Store {
    /// How many accounts are read at a time.
    const SECRETS_BATCH: i64 = 2_000;

    /// The number of accounts that have secrets.
    pub async fn count_accounts_with_secrets(&self) -> Result<u64, StoreError> {
        let users = self.users.clone();
        Ok(users.count_documents(with_secrets()).await?)
    }

    /// The secrets of the next accounts after `after`, in the order of their ids, and the last of these
    /// accounts; `None` if there are no more.
    pub async fn secrets(
        &self,
        after: Option<UserId>,
    ) -> Result<Option<(Vec<StoredSecret>, UserId)>, StoreError> {
        use futures_util::TryStreamExt;
        let mut filter = with_secrets();
        if let Some(after) = after {
            filter.insert("_id", doc! { "$gt": id(after) });
        }
        let options = FindOptions::builder()
            .sort(doc! { "_id": 1 })
            .projection(doc! { "totp.secret": 1, "pending.secret": 1 })
            .limit(Self::SECRETS_BATCH)
            .build();
        // No deadline: a batch of a scan may take longer than a request.
        let found: Vec<RawDocumentBuf> =
            self.users.find(filter).with_options(options).await?.try_collect().await?;
        let (mut secrets, mut last) = (Vec::new(), None);
        for raw in found {
            let (user, found) = read(&raw).map_err(|bad| bad.of("users", &raw))?;
            last = Some(user);
            secrets.extend(found);
        }
        Ok(last.map(|last| (secrets, last)))
    }

    /// Replaces secrets, each only if it is still the one that was read, and returns how many were replaced.
    /// One command replaces all, because each write waits for the disk.
    pub async fn replace_secrets(
        &self,
        replaced: &[(StoredSecret, Sealed)],
    ) -> Result<u64, StoreError> {
        if replaced.is_empty() {
            return Ok(0);
        }
        let updates = replaced.iter().map(|(old, new)| {
            let (user, path) = (id(old.user), old.place.path());
            doc! {
                "q": { "_id": user, path: sealed(&old.sealed) },
                "u": { "$set": { path: sealed(new) } },
            }
        });
        let updates: Vec<Bson> = updates.map(Bson::Document).collect();
        let command = doc! {
            "update": self.users.name(),
            "updates": updates,
            "ordered": false,
            "writeConcern": { "w": "majority", "j": true },
        };
        let database = self.database.clone();
        let answer = within_deadline(self.metrics.begin(Command::Update), async move {
            database.run_command(command).await
        })
        .await?;
        if answer.contains_key("writeErrors") || answer.contains_key("writeConcernError") {
            return Err(StoreError::Unavailable);
        }
        let count = answer.get_i32("nModified").ok().and_then(|count| u64::try_from(count).ok());
        count.ok_or(StoreError::Bson("response"))
    }
}

fn with_secrets() -> Document {
    doc! { "$or": [{ "totp": { "$exists": true } }, { "pending": { "$exists": true } }] }
}

/// The account's id and its secrets.
fn read(raw: &RawDocumentBuf) -> Result<(UserId, Vec<StoredSecret>), BadField> {
    let fields = Fields::of("", raw)?;
    let user = fields.user_id("_id")?;
    let mut secrets = Vec::new();
    for (place, name) in [(Place::Authenticator, "totp"), (Place::Pending, "pending")] {
        if let Some(part) = fields.part(name)? {
            secrets.push(StoredSecret { user, place, sealed: part.sealed("secret")? });
        }
    }
    Ok((user, secrets))
}
