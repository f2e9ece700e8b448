//! MongoDB: connecting, and guarded writes, a file for each concern of the account's document.
//!
//! A rule that must hold when requests race is the filter of one write; no write here depends on
//! something read before it other than through its filter. BSON shapes stay inside this layer.

mod accounts;
mod authenticator;
mod codes;
mod connection_string;
mod document;
mod error;
mod events;
#[cfg(fuzzing)]
pub mod fuzzing;
mod guarded_write;
mod indexes;
mod lists;
mod operator;
mod persistence;
mod reading;
mod secrets;
mod sessions;
mod throttles;
mod tutorial;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bson::{RawDocumentBuf, doc};
use mongodb::options::{
    Acknowledgment, ClientOptions, CollectionOptions, ReadConcern, ReadPreference,
    SelectionCriteria, WriteConcern,
};
use mongodb::{Client, Collection, Database};

pub use accounts::{NewAccount, new_user_id};
pub use authenticator::Binding;
pub use codes::FactorTarget;
pub use connection_string::{BadUrl, check as check_connection_string};
pub use error::StoreError;
pub use operator::AccountFilter;
pub use persistence::persist;
pub use secrets::StoredSecret;
pub use sessions::{Carried, NetworkNote, Opening};
pub use throttles::{Admission, Charged, ThrottleKey};
pub use tutorial::{TutorialUser, TutorialUsers};

/// Where the database is.
#[derive(Clone)]
pub struct StoreSettings {
    /// The parsed connection string.
    options: ClientOptions,
    /// The database's name.
    database: String,
}

impl StoreSettings {
    /// How long the driver looks for a server before it says that there is none.
    const SELECTION: Duration = Duration::from_secs(1);
    const CONNECT: Duration = Duration::from_secs(1);
    const POOL_SIZE: u32 = 32;

    /// Reads a connection string.
    ///
    /// # Errors
    ///
    /// [`StoreError::BadUrl`] where it cannot be used, without any part of it.
    pub async fn parse(url: &str, database: &str) -> Result<Self, StoreError> {
        check_connection_string(url)?;
        let parsed = ClientOptions::parse(url).await;
        let mut options = parsed.map_err(|error| BadUrl::of(&error))?;
        options.app_name = Some("twofold".to_owned());
        options.server_selection_timeout = Some(Self::SELECTION);
        options.connect_timeout = Some(Self::CONNECT);
        options.max_pool_size = options.max_pool_size.or(Some(Self::POOL_SIZE));
        options.write_concern =
            Some(WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build());
        options.read_concern = Some(ReadConcern::local());
        options.selection_criteria =
            Some(SelectionCriteria::ReadPreference(ReadPreference::Primary));
        Ok(Self { options, database: database.to_owned() })
    }
}

/// The service's collections. A clone shares connections; each worker has a store of its own,
/// because a driver's pool that serves one runtime thread spares it most context switches.
#[derive(Clone)]
pub struct Store {
    database: Database,
    users: Collection<RawDocumentBuf>,
    throttles: Collection<RawDocumentBuf>,
    events: Collection<RawDocumentBuf>,
    indexed: Arc<AtomicBool>,
}

/// Every operation ends within this: a lost database is answered for in two seconds.
const DEADLINE: Duration = Duration::from_millis(1_600);

impl Store {
    /// Prepares a connection; the first operation makes it.
    ///
    /// `indexed` is shared by all stores of the process and turns true once the indexes exist.
    ///
    /// # Errors
    ///
    /// The driver's, where the settings contradict each other.
    pub fn connect(settings: &StoreSettings, indexed: Arc<AtomicBool>) -> Result<Self, StoreError> {
        let client = Client::with_options(settings.options.clone())?;
        let database = client.database(&settings.database);
        // A counter that a failover loses is charged again; waiting for a majority buys nothing.
        let unreplicated = CollectionOptions::builder()
            .write_concern(WriteConcern::builder().w(Acknowledgment::Nodes(1)).build())
            .build();
        Ok(Self {
            users: database.collection("users"),
            throttles: database.collection_with_options("throttles", unreplicated),
            events: database.collection("security_events"),
            database,
            indexed,
        })
    }

    /// Whether the unique index on `email` is known to exist: before that, nobody is registered.
    #[must_use]
    pub fn is_indexed(&self) -> bool {
        self.indexed.load(Ordering::SeqCst)
    }

    /// Checks that the service may read and write accounts, by an update that matches none and so
    /// changes nothing. A `ping` would succeed without any rights, and without a primary.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn check_access(&self) -> Result<(), StoreError> {
        let users = self.users.clone();
        let (none, nothing) = (doc! { "_id": null }, doc! { "$unset": { "checked": "" } });
        // Readiness does not depend on how far the other members are.
        let one_member = WriteConcern::nodes(1);
        within_deadline(
            async move { users.update_one(none, nothing).write_concern(one_member).await },
        )
        .await?;
        Ok(())
    }
}

/// Runs an operation of the driver as a task of its own, so that an answer that is given up on does
/// not cut the operation short, and ends the wait for it at the deadline.
async fn within_deadline<T: Send + 'static>(
    operation: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::time::timeout(DEADLINE, tokio::spawn(operation)).await {
        Ok(Ok(outcome)) => outcome.map_err(StoreError::from),
        Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable),
    }
}
