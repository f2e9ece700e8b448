//! The connection to the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bson::{RawDocumentBuf, doc};
use mongodb::action::Update;
use mongodb::options::{Acknowledgment, CollectionOptions, WriteConcern};
use mongodb::{Client, Collection, Database};

use super::coalesced_reads::{self, CoalescedReads};
use super::error::StoreError;
use super::grouped_writes::GroupedWrites;
use super::numbered_commands::NumberedCommands;
use super::pool_events;
use super::settings::StoreSettings;
use crate::metrics::{Command, DatabaseMetrics, RunningCommand};

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
    pub(super) metrics: DatabaseMetrics,
}

/// What all stores of a process share.
#[derive(Clone)]
pub struct SharedState {
    /// Becomes true once the indexes exist.
    pub(super) indexed: Arc<AtomicBool>,
    reads: Arc<coalesced_reads::Queue>,
    metrics: DatabaseMetrics,
}

impl SharedState {
    /// The state at the start, for this number of workers.
    #[must_use]
    pub fn new(workers: usize, metrics: DatabaseMetrics) -> Self {
        let reads = Arc::new(coalesced_reads::Queue::of(workers));
        Self { indexed: Arc::default(), reads, metrics }
    }
}

/// The timeout of every operation that a request waits for, so that requests are answered within two seconds
/// if the database is lost.
pub(super) const DEADLINE: Duration = Duration::from_millis(1_600);

impl Store {
    /// Prepares a client; the first operation connects.
    pub fn connect(settings: &StoreSettings, shared: SharedState) -> Result<Self, StoreError> {
        let mut options = settings.options.clone();
        options.cmap_event_handler = Some(pool_events::counted_by(shared.metrics.clone()));
        let client = Client::with_options(options)?;
        let metrics = shared.metrics.clone();
        let database = client.database(&settings.database);
        // A failover may lose the latest counts, which is accepted; so one member is enough.
        let unreplicated = CollectionOptions::builder()
            .write_concern(WriteConcern::builder().w(Acknowledgment::Nodes(1)).build())
            .build();
        let users = database.collection("users");
        let unreplicated_users = database.collection_with_options("users", unreplicated.clone());
        let retries = settings.options.retry_writes != Some(false);
        let commands = Arc::new(NumberedCommands::of(database.clone(), retries));
        let grouped =
            |users| Arc::new(GroupedWrites::of(users, Arc::clone(&commands), metrics.clone()));
        Ok(Self {
            writes: grouped(users.clone()),
            notes: grouped(unreplicated_users),
            commands: Arc::clone(&commands),
            reads: Arc::new(CoalescedReads::of(
                users.clone(),
                Arc::clone(&shared.reads),
                metrics.clone(),
            )),
            users,
            throttles: database.collection_with_options("throttles", unreplicated),
            events: database.collection("security_events"),
            outbox: database.collection("outbox"),
            database,
            servers: settings.servers().into(),
            shared,
            metrics,
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

    /// Checks that the service can read and write accounts, by an update that matches no account. (A `ping`
    /// succeeds without any privileges, and without a primary.)
    pub async fn check_access(&self) -> Result<(), StoreError> {
        let users = self.users.clone();
        let command = self.metrics.begin(Command::Update);
        within_deadline(command, async move { update_nothing(&users).await }).await?;
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
/// stops waiting doesn't cancel the operation. `command` is what is recorded of it.
pub(super) async fn within_deadline<T: Send + 'static>(
    command: RunningCommand<'_>,
    operation: impl Future<Output = mongodb::error::Result<T>> + Send + 'static,
) -> Result<T, StoreError> {
    let outcome = match tokio::time::timeout(DEADLINE, tokio::spawn(operation)).await {
        Ok(Ok(outcome)) => outcome.map_err(StoreError::from),
        Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable),
    };
    command.end(outcome.as_ref().err().and_then(StoreError::as_failure));
    outcome
}
