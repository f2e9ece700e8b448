//! Real servers for the tests of this layer, and the commands that a store sent to them.
//!
//! A test runs on one thread, so nothing is sent or received until it waits.

use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bson::{Document, doc};
use local_mongod::{Mongod, ReplicaSet};
use mongodb::event::EventHandler;
use mongodb::event::command::CommandEvent;
use tokio::sync::{MutexGuard, OnceCell};
use tokio::time::timeout;

use super::{SharedState, Store, StoreSettings};
use crate::metrics::Metrics;

/// How long a test waits for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

static STANDALONE: OnceCell<Mongod> = OnceCell::const_new();
static REPLICA_SET: OnceCell<ReplicaSet> = OnceCell::const_new();
static UNSHARED_REPLICA_SET: OnceCell<ReplicaSet> = OnceCell::const_new();
/// A server has one fail point of a name, which one test at a time may use.
static FAIL_POINT: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The server that a store uses.
#[derive(Clone, Copy)]
pub enum Server {
    Standalone,
    /// A replica set of one member, which keeps a record of retryable writes.
    ReplicaSet,
    /// The same, for the one test whose fail point would meet the writes of others.
    UnsharedReplicaSet,
}

/// A worker's store, with a database of its own.
pub struct TestStore {
    pub store: Store,
    settings: StoreSettings,
    shared: SharedState,
    server: String,
    name: String,
    sent: Arc<Mutex<Vec<Document>>>,
    replies: Arc<Mutex<Vec<(String, Document)>>>,
}

impl Server {
    async fn url(self) -> String {
        let mongod = || Mongod::temporary("/tmp").parameter("enableTestCommands=1");
        let start_replica_set = || async { mongod().start_replica_set(1).await.unwrap() };
        match self {
            Self::Standalone => {
                let start = || async { mongod().start().await.unwrap() };
                STANDALONE.get_or_init(start).await.uri()
            }
            Self::ReplicaSet => REPLICA_SET.get_or_init(start_replica_set).await.uri(),
            Self::UnsharedReplicaSet => {
                UNSHARED_REPLICA_SET.get_or_init(start_replica_set).await.uri()
            }
        }
    }
}

impl TestStore {
    pub async fn on(server: Server) -> Self {
        let server = server.url().await;
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut settings = StoreSettings::parse(&server, &name).await.unwrap();
        settings.options.app_name = Some(name.clone());
        let (sent, replies) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<Vec<_>>>::default());
        let (begun, done) = (Arc::clone(&sent), Arc::clone(&replies));
        let note = move |event| match event {
            CommandEvent::Started(event) => begun.lock().unwrap().push(event.command),
            CommandEvent::Succeeded(event) => {
                done.lock().unwrap().push((event.command_name, event.reply));
            }
            _ => {}
        };
        settings.options.command_event_handler = Some(EventHandler::callback(note));
        let shared = SharedState::new(1, Metrics::new().unwrap().database);
        let store = Store::connect(&settings, shared.clone()).unwrap();
        Self { store, settings, shared, server, name, sent, replies }
    }

    /// The store of another worker of the same process. Its commands are noted with those of the first.
    pub fn of_another_worker(&self) -> Store {
        Store::connect(&self.settings, self.shared.clone()).unwrap()
    }

    /// The commands of this name that were sent.
    pub fn sent(&self, name: &str) -> Vec<Document> {
        let sent = self.sent.lock().unwrap();
        let named = |command: &&Document| command.keys().next().is_some_and(|first| first == name);
        sent.iter().filter(named).cloned().collect()
    }

    /// The replies to commands of this name.
    pub fn replies(&self, name: &str) -> Vec<Document> {
        let replies = self.replies.lock().unwrap();
        let named = replies.iter().filter(|(command, _)| command == name);
        named.map(|(_, reply)| reply.clone()).collect()
    }

    /// Waits until as many commands of this name were sent.
    pub async fn until_sent(&self, name: &str, count: usize) {
        let sent = async {
            while self.sent(name).len() < count {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, sent).await.expect("a command is sent");
    }

    /// Sets the effect of this store's next commands of a name. Other tests wait until the guard is dropped.
    pub async fn fail_next(
        &self,
        command: &str,
        times: usize,
        effect: Document,
    ) -> MutexGuard<'static, ()> {
        let guard = FAIL_POINT.lock().await;
        let mut data = doc! { "failCommands": [command], "appName": &self.name };
        data.extend(effect);
        let mode = doc! { "times": i32::try_from(times).unwrap() };
        self.admin(doc! { "configureFailPoint": "failCommand", "mode": mode, "data": data }).await;
        guard
    }

    pub async fn admin(&self, command: Document) {
        let admin = mongodb::Client::with_uri_str(&self.server).await.unwrap().database("admin");
        admin.run_command(command).await.unwrap();
    }
}

/// Begins something, which must wait.
pub fn begin<'a, T>(future: impl Future<Output = T> + 'a) -> Pin<Box<dyn Future<Output = T> + 'a>> {
    let mut begun: Pin<Box<dyn Future<Output = T> + 'a>> = Box::pin(future);
    assert!(poll_once(&mut begun).is_pending());
    begun
}

pub fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}
