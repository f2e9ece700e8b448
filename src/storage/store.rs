//! The connection to the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bson::{RawDocumentBuf, doc};
use mongodb::action::Update;
use mongodb::options::{Acknowledgment, CollectionOptions, WriteConcern};
use mongodb::{Client, Collection, Database};

use super::coalesced_reads::{CoalescedReads, ReadCounts};
use super::error::StoreError;
use super::grouped_writes::GroupedWrites;
use super::numbered_commands::NumberedCommands;
use super::settings::StoreSettings;

/// The service's collections. Clones share connections. Each worker has its own store, because a connection
/// pool that serves one runtime thread avoids most context switches.
#[derive(Clone)]
pub struct Store {
    pub(super) database: Database,
    /// Hosts and ports, for messages.
    servers: Arc<str>,
    pub(super) users: Collection<RawDocumentBuf>,
    pub(super) reads: Arc<CoalescedReads>,
    pub(super) writes: Arc<GroupedWrites>,
    /// Writes that one member's acknowledgement is enough for.
    pub(super) notes: Arc<GroupedWrites>,
    pub(super) commands: Arc<NumberedCommands>,
    pub(super) throttles: Collection<RawDocumentBuf>,
    pub(super) events: Collection<RawDocumentBuf>,
    pub(super) outbox: Collection<RawDocumentBuf>,
    pub(super) shared: SharedState,
}

/// What all stores of a process share.
#[derive(Clone, Default)]
pub struct SharedState {
    /// Becomes true once the indexes exist.
    pub(super) indexed: Arc<AtomicBool>,
    reads: Arc<ReadCounts>,
}

/// The timeout of every operation that a request waits for, so that requests are answered within two seconds
/// if the database is lost.
pub(super) const DEADLINE: Duration = Duration::from_millis(1_600);

impl Store {
    /// Prepares a client; the first operation connects.
    pub fn connect(settings: &StoreSettings, shared: SharedState) -> Result<Self, StoreError> {
        let client = Client::with_options(settings.options.clone())?;
        let database = client.database(&settings.database);
        // A failover may lose the latest counts, which is accepted; so one member is enough.
        let unreplicated = CollectionOptions::builder()
            .write_concern(WriteConcern::builder().w(Acknowledgment::Nodes(1)).build())
            .build();
        let users = database.collection("users");
        let unreplicated_users = database.collection_with_options("users", unreplicated.clone());
        let retries = settings.options.retry_writes != Some(false);
        let commands = Arc::new(NumberedCommands::of(database.clone(), retries));
        let grouped = |users| Arc::new(GroupedWrites::of(users, Arc::clone(&commands)));
        Ok(Self {
            writes: grouped(users.clone()),
            notes: grouped(unreplicated_users),
            commands: Arc::clone(&commands),
            reads: Arc::new(CoalescedReads::of(users.clone(), Arc::clone(&shared.reads))),
            users,
            throttles: database.collection_with_options("throttles", unreplicated),
            events: database.collection("security_events"),
            outbox: database.collection("outbox"),
            database,
            servers: settings.servers().into(),
            shared,
        })
    }

    /// Hosts and ports of the servers, without credentials.
    #[must_use]
    pub fn servers(&self) -> &str {
        &self.servers
    }

    /// Whether the unique index on `email` is known to exist. Nobody can register before that.
    #[must_use]
    pub fn is_indexed(&self) -> bool {
        self.shared.indexed.load(Ordering::SeqCst)
    }

    /// How many times an account was read by its id since the start, and how many commands were sent for that, in
    /// all stores of the process.
    #[must_use]
    pub fn account_reads(&self) -> (u64, u64) {
        let counts = &self.shared.reads;
        (counts.reads.load(Ordering::Relaxed), counts.finds.load(Ordering::Relaxed))
    }

    /// Checks that the service can read and write accounts, by an update that matches no account. (A `ping`
    /// succeeds without any privileges, and without a primary.)
    pub async fn check_access(&self) -> Result<(), StoreError> {
        let users = self.users.clone();
        within_deadline(async move { update_nothing(&users).await }).await?;
        Ok(())
    }
}

/// An update that matches no document. It does not depend on replication lag.
pub(super) fn update_nothing(collection: &Collection<RawDocumentBuf>) -> Update<'_> {
    collection
        .update_one(doc! { "_id": null }, doc! { "$unset": { "checked": "" } })
        .write_concern(WriteConcern::nodes(1))
}

/// Runs an operation of the driver as a separate task and waits for it until the deadline. A caller that
/// stops waiting doesn't cancel the operation.
pub(super) async fn within_deadline<T: Send + 'static>(
    operation: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::time::timeout(DEADLINE, tokio::spawn(operation)).await {
        Ok(Ok(outcome)) => outcome.map_err(StoreError::from),
        Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable),
    }
}
