//! The composition root: the only place that names every layer.

mod parts;

use std::io;
use std::net::TcpListener;

use actix_web::dev::ServerHandle;
use actix_web::web;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::config::{Config, Environment, Faults};
use crate::domain::clock::Clock;
use crate::http::{Asset, HttpState, openapi, raise_descriptor_limit, routes, server};
use crate::storage::{StoreError, check_connection_string};
pub(crate) use parts::Parts;

/// A service that is bound and about to run.
pub struct Application {
    server: actix_web::dev::Server,
    state: web::Data<HttpState>,
    events: Writing,
    port: u16,
}

/// A running writer of events.
pub(crate) struct Writing {
    stop: oneshot::Sender<()>,
    written: JoinHandle<()>,
}

impl Writing {
    /// Resolves when every remaining event is written.
    pub async fn finish(self) {
        drop(self.stop);
        if self.written.await.is_err() {
            tracing::error!("the writer of events failed");
        }
    }
}

/// The service could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is in use, or does not belong to this machine.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// The address to listen on.
        address: String,
        /// The cause.
        #[source]
        cause: io::Error,
    },
    /// The connection string cannot be used.
    #[error("DATABASE_URL cannot be used: {0}")]
    Database(#[source] StoreError),
    /// There is no sealing key.
    #[error("SEALING_KEYS has no key")]
    NoSealingKey,
    /// The operating system refused a thread or a signal handler.
    #[error("the service cannot start: {0}")]
    System(#[from] io::Error),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Database(error)
    }
}

/// Reads the settings, the connection strings among them.
///
/// # Errors
///
/// Every missing or invalid setting. No fault quotes a value.
pub fn configure(environment: &Environment) -> Result<Config, Faults> {
    let check = |url: &str| check_connection_string(url).map_err(|bad| bad.to_string());
    Config::checked(environment, &check)
}

/// Every call of the service: method, path, and the name of the access that it requires.
#[must_use]
pub fn surface() -> Vec<(String, String, String)> {
    let surface = routes::surface().into_iter();
    surface.map(|one| (one.method.to_string(), one.path, format!("{:?}", one.access))).collect()
}

/// The description of every call, in `OpenAPI` 3.1 as JSON.
///
/// # Errors
///
/// Internal errors only.
pub fn openapi() -> serde_json::Result<String> {
    openapi::document("/").to_pretty_json()
}

impl Application {
    /// Binds the address, starts the hashing threads and prepares a store for each worker. The
    /// database need not be reachable yet: until it is, calls that need it respond with 503.
    ///
    /// # Errors
    ///
    /// [`StartError`].
    pub async fn build(config: Config, clock: Clock) -> Result<Self, StartError> {
        let address = (config.http.host, config.http.port);
        let listener = TcpListener::bind(address).map_err(|cause| StartError::Listen {
            address: format!("{}:{}", address.0, address.1),
            cause,
        })?;
        let port = listener.local_addr()?.port();
        let (parts, events) = Parts::of(&config, clock).await?;
        let auth = parts.auth()?;
        tokio::spawn(async move { auth.prepare().await });

        let descriptors = raise_descriptor_limit();
        let server_url = config.http.public_origin.as_deref().unwrap_or("/");
        let description = openapi::document(server_url).to_json().map_err(io::Error::other)?;
        let description = Asset::compressed("openapi.json", description.as_bytes())?;
        let state = HttpState::new(&config, port, descriptors, description);
        let state = state.map_err(io::Error::other)?;
        let state = web::Data::new(state);
        let server = server(listener, state.clone(), move || parts.auth())?;
        Ok(Self { server, state, events, port })
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until `stop` resolves; then accepts no more connections, and returns when the requests in
    /// progress are answered and their events are written.
    ///
    /// # Errors
    ///
    /// An I/O error of the operating system.
    pub async fn run_until(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let (handle, state) = (self.server.handle(), self.state);
        tokio::spawn(stop_when(stop, handle, state));
        let outcome = self.server.await;
        self.events.finish().await;
        outcome
    }
}

async fn stop_when(
    stop: impl Future<Output = ()>,
    handle: ServerHandle,
    state: web::Data<HttpState>,
) {
    stop.await;
    state.begin_stopping();
    handle.stop(true).await;
}
