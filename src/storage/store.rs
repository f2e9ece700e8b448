//! The connection to the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bson::{RawDocumentBuf, doc};
use mongodb::options::{Acknowledgment, CollectionOptions, WriteConcern};
use mongodb::{Client, Collection, Database};

use super::error::StoreError;
use super::settings::StoreSettings;

/// The service's collections. A clone shares connections; each worker has a store of its own,
/// because a driver's pool that serves one runtime thread spares it most context switches.
#[derive(Clone)]
pub struct Store {
    pub(super) database: Database,
    pub(super) users: Collection<RawDocumentBuf>,
    pub(super) throttles: Collection<RawDocumentBuf>,
    pub(super) events: Collection<RawDocumentBuf>,
    pub(super) indexed: Arc<AtomicBool>,
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
pub(super) async fn within_deadline<T: Send + 'static>(
    operation: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::time::timeout(DEADLINE, tokio::spawn(operation)).await {
        Ok(Ok(outcome)) => outcome.map_err(StoreError::from),
        Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable),
    }
}
