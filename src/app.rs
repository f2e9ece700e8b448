//! The composition root: the only place that names every layer.

mod mailing;
mod parts;
mod tokens;

use std::io;

use actix_web::web;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::config::{Checks, Config, Environment, Faults};
use crate::crypto::jwt::{InvalidKey, SigningKey};
use crate::domain::clock::Clock;
use crate::http::{HttpState, listener, openapi, raise_descriptor_limit, routes, server};
use crate::mail::{MailSetupError, Mailer};
use crate::storage::{StoreError, check_connection_string};
use mailing::Delivering;
pub use mailing::{mailer, page_links};
pub(crate) use parts::{Built, Parts};
pub(crate) use tokens::signing_keys;

/// A service that is bound and about to run.
pub struct Application {
    server: actix_web::dev::Server,
    state: web::Data<HttpState>,
    events: Writing,
    delivery: Option<Delivering>,
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
    /// Mail cannot be set up.
    #[error(transparent)]
    Mail(#[from] MailSetupError),
    /// There is no sealing key.
    #[error("SEALING_KEYS has no key")]
    NoSealingKey,
    /// The file of breached passwords cannot be used.
    #[error("BREACHED_PASSWORDS {0}")]
    BreachedPasswords(String),
    /// A signing key cannot be used.
    #[error("SIGNING_KEYS cannot be used: {0}")]
    SigningKey(#[from] InvalidKey),
    /// The operating system refused a thread or a signal handler.
    #[error("the service cannot start: {0}")]
    System(#[from] io::Error),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Database(error)
    }
}

/// Reads the settings, and checks the connection strings, the templates of mail and the file of breached passwords.
///
/// # Errors
///
/// Every missing or invalid setting. No fault quotes a secret.
pub fn configure(environment: &Environment) -> Result<Config, Faults> {
    let checks = Checks {
        url: &|url| check_connection_string(url).map_err(|bad| bad.to_string()),
        breached_passwords: &|path| parts::open_list(path).map(drop),
        signing_key: &|pkcs8| match SigningKey::from_pkcs8("", pkcs8) {
            Ok(_) => Ok(()),
            Err(error) => Err(error.to_string()),
        },
        mail: &|config| match mailer(config, Clock::system()) {
            Ok(_) => Ok(()),
            Err(error) => Err((error.setting(), error.fault().to_owned())),
        },
    };
    Config::checked(environment, checks)
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
        let listener = listener::listen(address.into()).map_err(|cause| StartError::Listen {
            address: format!("{}:{}", address.0, address.1),
            cause,
        })?;
        let port = listener.local_addr()?.port();
        let mailer = mailer(&config, clock.clone())?;
        log_destination(mailer.as_ref());
        tokens::log_signer(&config.tokens);
        let Built { parts, events, resets } = Parts::of(&config, port, clock).await?;
        let auth = parts.auth()?;
        tokio::spawn(async move { auth.prepare().await });
        let pages = page_links(&config, port);
        let delivery = match (mailer, resets, pages) {
            (Some(mailer), Some(resets), Some(pages)) => {
                Some(mailing::start(&parts, mailer, pages, resets)?)
            }
            _ => None,
        };

        let descriptors = raise_descriptor_limit();
        let metrics = parts.metrics().clone();
        let state = web::Data::new(HttpState::new(&config, port, descriptors, metrics));
        let server = server(listener, state.clone(), move || parts.auth())?;
        Ok(Self { server, state, events, delivery, port })
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Serves until `signal` resolves, and then drains: for `SHUTDOWN_DRAIN`, or until `signal` resolves again, the service
    /// is not ready but still serves. Afterwards it accepts no more connections, and returns when the requests in
    /// progress are answered and their events are written.
    ///
    /// # Errors
    ///
    /// An I/O error of the operating system.
    pub async fn run_until(self, mut signal: impl AsyncFnMut()) -> io::Result<()> {
        let (mut server, state) = (self.server, self.state);
        let handle = server.handle();
        let drained = async {
            signal().await;
            tracing::info!("shutting down");
            state.begin_stopping();
            tokio::select! {
                () = sleep(state.config.shutdown_drain) => {}
                () = signal() => {}
            }
        };
        let outcome = tokio::select! {
            outcome = &mut server => outcome,
            () = drained => {
                let ((), outcome) = tokio::join!(handle.stop(true), server);
                outcome
            }
        };
        if let Some(delivery) = self.delivery {
            delivery.finish().await;
        }
        self.events.finish().await;
        outcome
    }
}

/// Logs where mail goes.
fn log_destination(mailer: Option<&Mailer>) {
    let destination = mailer.map(Mailer::destination);
    tracing::info!("mail goes to {}", destination.as_deref().unwrap_or("nobody: it is off"));
}
