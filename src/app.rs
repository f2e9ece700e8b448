//! The composition root: the only place that names every layer.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::web;
use secrecy::ExposeSecret;

use crate::config::{Config, HashingConfig, SecurityConfig};
use crate::crypto::hashing_pool::{HashingPool, PoolLayout};
use crate::crypto::keyed_digest::KeyedDigest;
use crate::crypto::password_hash::HashingCost;
use crate::crypto::seal::KeyRing;
use crate::domain::clock::Clock;
use crate::flows::{Auth, Rules};
use crate::http::{HttpState, routes, server};
use crate::storage::{Store, StoreError, StoreSettings};

/// A service that is bound and about to run.
pub struct Application {
    server: actix_web::dev::Server,
    state: web::Data<HttpState>,
    port: u16,
}

/// The service could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// Where it was to listen.
        address: String,
        /// Why it cannot.
        cause: io::Error,
    },
    /// The connection string is none.
    #[error("DATABASE_URL cannot be used: {0}")]
    Database(String),
    /// The system refuses threads or signals.
    #[error("the service cannot start: {0}")]
    System(#[from] io::Error),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Database(error.to_string())
    }
}

/// Every call of the service: method, path, and the name of the access that it asks for.
#[must_use]
pub fn surface() -> Vec<(String, &'static str, String)> {
    let named =
        |one: routes::Endpoint| (one.method.to_string(), one.path, format!("{:?}", one.access));
    routes::surface().into_iter().map(named).collect()
}

impl Application {
    /// Binds the address, starts the hashing threads and prepares a store for each worker. The
    /// database need not answer yet: until it does, calls that need it are 503.
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
        let parts = Parts::of(&config, clock).await?;
        tokio::spawn(ensure_indexes(parts.store()?));

        let security = &config.security;
        let cookie_age = security.cookie_lifetimes.absolute.to_std().unwrap_or_default();
        let state = web::Data::new(HttpState::new(
            config.mode,
            config.http.clone(),
            security.password_policy,
            cookie_age,
            port,
        ));
        let server = server(listener, state.clone(), move || parts.auth())?;
        Ok(Self { server, state, port })
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until `stop` resolves; then takes no more connections, and ends when the requests in
    /// flight are answered.
    ///
    /// # Errors
    ///
    /// The system's.
    pub async fn run_until(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let (handle, state) = (self.server.handle(), self.state);
        tokio::spawn(stop_when(stop, handle, state));
        self.server.await
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

/// What every worker's flows are made of.
#[derive(Clone)]
struct Parts {
    database: StoreSettings,
    indexed: Arc<AtomicBool>,
    hasher: HashingPool,
    ring: KeyRing,
    digests: KeyedDigest,
    clock: Clock,
    rules: Arc<Rules>,
}

impl Parts {
    async fn of(config: &Config, clock: Clock) -> Result<Self, StartError> {
        let url = config.database.url.expose_secret();
        let security = &config.security;
        let keys =
            || security.sealing_keys.iter().map(|key| (key.id.as_str(), key.key.expose_secret()));
        // The oldest key, so that adding a newer one changes no digest.
        let oldest = keys().next_back().map_or([0; 32], |(_, key)| *key);
        Ok(Self {
            database: StoreSettings::parse(url, &config.database.name).await?,
            indexed: Arc::default(),
            hasher: HashingPool::start(layout(security.hashing))?,
            ring: KeyRing::new(keys()),
            digests: KeyedDigest::derived_from(&oldest),
            clock,
            rules: Arc::new(rules(security)),
        })
    }

    fn store(&self) -> Result<Store, StoreError> {
        Store::connect(&self.database, Arc::clone(&self.indexed))
    }

    fn auth(&self) -> Result<Auth, StoreError> {
        Ok(Auth {
            store: self.store()?,
            hasher: self.hasher.clone(),
            ring: self.ring.clone(),
            digests: self.digests.clone(),
            clock: self.clock.clone(),
            rules: Arc::clone(&self.rules),
        })
    }
}

fn layout(hashing: HashingConfig) -> PoolLayout {
    PoolLayout {
        threads: hashing.threads,
        places: hashing.places,
        places_a_network: hashing.places_a_network,
        cost: HashingCost {
            memory_kib: hashing.memory_kib,
            iterations: hashing.iterations,
            parallelism: hashing.parallelism,
        },
    }
}

fn rules(security: &SecurityConfig) -> Rules {
    Rules {
        cookie_lifetimes: security.cookie_lifetimes,
        bearer_lifetimes: security.bearer_lifetimes,
        reauth_window: security.reauth_window,
        otp_window: security.otp_window,
        otp_issuer: security.otp_issuer.clone(),
        network_failures: security.network_failures,
        network_registrations: security.network_registrations,
    }
}

/// Makes sure of the indexes as soon as the database answers; says once what keeps them.
async fn ensure_indexes(store: Store) {
    const PAUSE: Duration = Duration::from_millis(500);
    let Err(first) = store.ensure_indexes().await else {
        return;
    };
    tracing::warn!(cause = %first, "the database's indexes could not be made sure of; trying on");
    while store.ensure_indexes().await.is_err() {
        tokio::time::sleep(PAUSE).await;
    }
}
