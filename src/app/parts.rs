//! Builds the parts of the flows from the settings.

use std::io;
use std::path::Path;
use std::sync::Arc;

use secrecy::ExposeSecret;
use tokio::sync::oneshot;

use super::{StartError, Writing, tokens};
use crate::breaches::BreachedPasswords;
use crate::config::{Config, HashingConfig, passkey_origins};
use crate::crypto::hashing::{HashingCost, HashingPool, PoolLayout};
use crate::crypto::keyed_digest::KeyedDigest;
use crate::crypto::mail_token::MailKeys;
use crate::crypto::seal::KeyRing;
use crate::crypto::sign_in_token::SignInKeys;
use crate::crypto::webauthn::RelyingParty;
use crate::domain::clock::Clock;
use crate::flows::mail::{Mail, MailRules, Notices, ResetQueue, mail};
use crate::flows::{Auth, Crypto, EventLog, Rules, event_log};
use crate::http::workers;
use crate::metrics::Metrics;
use crate::storage::{SharedState, Store, StoreError, StoreSettings};

/// The parts of every worker's flows.
#[derive(Clone)]
pub(crate) struct Parts {
    database: StoreSettings,
    shared: SharedState,
    crypto: Crypto,
    event_log: EventLog,
    metrics: Metrics,
    clock: Clock,
    rules: Arc<Rules>,
    mail: Option<Mail>,
}

/// The parts of a process, and what runs beside them.
pub(crate) struct Built {
    /// The parts of every worker's flows.
    pub parts: Parts,
    /// The running writer of events.
    pub events: Writing,
    /// The requests for links that reset a password, if mail is configured.
    pub resets: Option<ResetQueue>,
}

impl Parts {
    /// Reads the settings, starts the hashing threads and the writer of events.
    pub async fn of(config: &Config, port: u16, clock: Clock) -> Result<Built, StartError> {
        let metrics = Metrics::new().map_err(io::Error::other)?;
        let url = config.database.url.expose_secret();
        let security = &config.security;
        let keys =
            || security.sealing_keys.iter().map(|key| (key.id.as_str(), key.key.expose_secret()));
        // The oldest key, so that adding a newer one changes no digest.
        let (_, oldest) = keys().next_back().ok_or(StartError::NoSealingKey)?;
        let (_, newest) = keys().next().ok_or(StartError::NoSealingKey)?;
        let database = StoreSettings::parse(url, &config.database.name).await?;
        let shared = SharedState::new(workers(), metrics.database.clone());
        let store = Store::connect(&database, shared.clone())?;
        let mail = config.mail.as_ref().map(|settings| {
            let rules = MailRules {
                requires_verified: settings.require_verified,
                change_delay: settings.change_delay,
            };
            let keys: Vec<&[u8; 32]> = keys().map(|(_, key)| key).collect();
            mail(MailKeys::derived_from(&keys), rules, metrics.mail.clone())
        });
        let (mail, resets) = mail.unzip();
        let notices = mail.as_ref().map(Notices::of);
        let (event_log, writer) =
            event_log(store, notices, config.events_kept, metrics.events.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async move {
            let _dropped = stopped.await;
        };
        let writing = Writing { stop, written: tokio::spawn(writer.run(stopped)) };
        let parts = Self {
            database,
            shared,
            crypto: Crypto {
                hasher: HashingPool::start(layout(security.hashing), metrics.hashing.clone())?,
                ring: KeyRing::new(keys()),
                digests: KeyedDigest::derived_from(oldest),
                sign_ins: SignInKeys::derived_from(newest, keys().skip(1).map(|(_, key)| key)),
            },
            event_log,
            metrics,
            clock,
            rules: Arc::new(rules(config, port)?),
            mail,
        };
        Ok(Built { parts, events: writing, resets })
    }

    /// The metrics of the process.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The flows of one worker, with their own connection to the database.
    pub fn auth(&self) -> Result<Auth, StoreError> {
        let store = Store::connect(&self.database, self.shared.clone())?;
        let (crypto, rules) = (self.crypto.clone(), Arc::clone(&self.rules));
        let recorders = (self.event_log.clone(), self.metrics.sign_ins.clone());
        let auth = Auth::new(store, crypto, recorders, self.clock.clone(), rules);
        Ok(auth.with_mail(self.mail.clone()))
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

/// Opens the file of breached passwords. An error follows the setting's name, and says what to do.
pub(super) fn open_list(path: &Path) -> Result<BreachedPasswords, String> {
    BreachedPasswords::open(path).map_err(|error| {
        let path = path.display();
        format!(
            "names {path}, which {error}; check the path, or build the file again with `twofold passwords build`"
        )
    })
}

/// Whom passkeys are made for, by a service bound to `port`.
fn relying_party(config: &Config, port: u16) -> Option<RelyingParty> {
    let id = config.passkey_rp_id.clone()?;
    let public = config.http.public_origin.clone();
    let own = public.unwrap_or_else(|| format!("http://localhost:{port}"));
    let origins = passkey_origins(&id, own, &config.http.client_origins);
    Some(RelyingParty::new(id, origins))
}

fn rules(config: &Config, port: u16) -> Result<Rules, StartError> {
    let security = &config.security;
    let list = config.breached_passwords.as_deref().map(open_list).transpose();
    Ok(Rules {
        cookie_lifetimes: security.cookie_lifetimes,
        bearer_lifetimes: security.bearer_lifetimes,
        reauth_window: security.reauth_window,
        device_lifetime: security.device_lifetime,
        otp_window: security.otp_window,
        service_name: config.brand.name.clone(),
        otp_issuer: security.otp_issuer.clone(),
        network_failures: security.network_failures,
        network_registrations: security.network_registrations,
        events_kept: config.events_kept,
        relying_party: relying_party(config, port),
        breached_passwords: list.map_err(StartError::BreachedPasswords)?.map(Arc::new),
        tokens: tokens::rules(config, port)?,
    })
}
