//! Reading the database of the tutorial's service, for the import. It is never written to. Its documents may
//! be incomplete or have fields of other types.

use bson::{Bson, Document, doc};
use mongodb::options::{FindOptions, ReadPreference, SelectionCriteria};
use mongodb::{Client, Collection, Cursor};
use secrecy::SecretString;

use super::error::StoreError;
use super::settings::StoreSettings;
use crate::domain::clock::Moment;
use crate::domain::ids::UserId;

/// The users of the tutorial's database.
pub struct TutorialUsers(Collection<Document>);

/// Reads users in batches.
pub struct TutorialReader(Cursor<Document>);

/// A user of the tutorial's database. A field whose type is not the one that the tutorial writes is absent.
pub struct TutorialUser {
    /// Its `_id`; as text if it is not an `ObjectId`.
    pub id: Result<UserId, String>,
    /// `email`.
    pub email: Option<String>,
    /// `name`.
    pub name: Option<String>,
    /// `password`, in plain text.
    pub password: Option<SecretString>,
    /// `otp_base32`.
    pub base32: Option<SecretString>,
    /// `otp_enabled`; absent if it is not a boolean.
    pub enabled: Option<bool>,
    /// `otp_verified`.
    pub verified: bool,
    /// `created_at`.
    pub created_at: Option<Moment>,
    /// `updated_at`.
    pub updated_at: Option<Moment>,
}

impl TutorialUsers {
    const COLLECTION: &str = "users";

    /// Prepares a connection. [`StoreError::BadUrl`] if the connection string cannot be used.
    pub async fn connect(url: &str, database: &str) -> Result<Self, StoreError> {
        let mut options = StoreSettings::parse(url, database).await?.options;
        options.selection_criteria =
            Some(SelectionCriteria::ReadPreference(ReadPreference::PrimaryPreferred {
                options: None,
            }));
        let client = Client::with_options(options)?;
        Ok(Self(client.database(database).collection(Self::COLLECTION)))
    }

    /// The number of users.
    pub async fn count(&self) -> Result<u64, StoreError> {
        Ok(self.0.count_documents(doc! {}).await?)
    }

    /// Calls `note` with every `email` that is a string, as it is stored.
    pub async fn each_address(&self, mut note: impl FnMut(&str)) -> Result<(), StoreError> {
        use futures_util::TryStreamExt;
        let found = self.0.find(doc! {}).projection(doc! { "_id": 0, "email": 1 });
        let mut documents = found.batch_size(10_000).await?;
        while let Some(document) = documents.try_next().await? {
            document.get_str("email").into_iter().for_each(&mut note);
        }
        Ok(())
    }

    /// Starts reading the users in the order of their ids.
    pub async fn read(&self) -> Result<TutorialReader, StoreError> {
        let batch = u32::from(TutorialReader::BATCH);
        let options = FindOptions::builder().sort(doc! { "_id": 1 }).batch_size(batch).build();
        Ok(TutorialReader(self.0.find(doc! {}).with_options(options).await?))
    }
}

impl TutorialReader {
    const BATCH: u16 = 500;

    /// Returns the next users; an empty list at the end.
    pub async fn next(&mut self) -> Result<Vec<TutorialUser>, StoreError> {
        use futures_util::TryStreamExt;
        let batch = usize::from(Self::BATCH);
        let mut users = Vec::with_capacity(batch);
        while users.len() < batch {
            let Some(document) = self.0.try_next().await? else {
                break;
            };
            users.push(TutorialUser::of(&document));
        }
        Ok(users)
    }
}

impl TutorialUser {
    fn of(document: &Document) -> Self {
        let text = |name: &str| document.get_str(name).ok().map(str::to_owned);
        let moment = |name: &str| {
            let date = document.get_datetime(name).ok()?;
            Moment::from_timestamp_millis(date.timestamp_millis())
        };
        let enabled = match document.get("otp_enabled") {
            None | Some(Bson::Null) => Some(false),
            Some(Bson::Boolean(enabled)) => Some(*enabled),
            Some(_) => None,
        };
        Self {
            id: match document.get("_id") {
                Some(Bson::ObjectId(id)) => Ok(UserId::from_bytes(id.bytes())),
                other => Err(other.map(Bson::to_string).unwrap_or_default()),
            },
            email: text("email"),
            name: text("name"),
            password: text("password").map(SecretString::from),
            base32: text("otp_base32").map(SecretString::from),
            enabled,
            verified: document.get_bool("otp_verified").unwrap_or_default(),
            created_at: moment("created_at"),
            updated_at: moment("updated_at"),
        }
    }
}
