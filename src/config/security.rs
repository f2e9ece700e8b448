//! Costs, lifetimes, limits and keys.

use std::thread;

use chrono::TimeDelta;
use data_encoding::BASE64;
use secrecy::SecretBox;

use super::Mode;
use super::brand;
use super::entries::{are_distinct, entries, with_id};
use super::reader::Reader;
use crate::domain::password::PasswordPolicy;
use crate::domain::session::Lifetimes;
use crate::domain::totp::AcceptanceWindow;

/// Costs, lifetimes, limits and keys.
#[derive(Clone, Debug)]
pub struct SecurityConfig {
    /// Keys that secrets are sealed under, newest first.
    pub sealing_keys: Vec<SealingKey>,
    /// Which new passwords are accepted.
    pub password_policy: PasswordPolicy,
    /// The service name that the authenticator app shows.
    pub otp_issuer: String,
    /// How many steps before and after the current one are accepted.
    pub otp_window: AcceptanceWindow,
    /// How long browser sessions last.
    pub cookie_lifetimes: Lifetimes,
    /// How long bearer tokens of the Basic contract last.
    pub bearer_lifetimes: Lifetimes,
    /// The maximum age of a sign-in for sensitive actions.
    pub reauth_window: TimeDelta,
    /// How long a device is trusted after a second factor; zero for never.
    pub device_lifetime: TimeDelta,
    /// How many failed sign-ins a network may have in ten minutes.
    pub network_failures: Option<u32>,
    /// How many registrations a network may try in an hour.
    pub network_registrations: Option<u32>,
    /// Cost and concurrency of hashing.
    pub hashing: HashingConfig,
}

/// Cost and concurrency of hashing.
#[derive(Clone, Copy, Debug)]
pub struct HashingConfig {
    /// The memory of a hash in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// How many hashes run at the same time.
    pub threads: usize,
    /// How many hashes may wait.
    pub places: usize,
    /// How many of these one network may hold.
    pub places_a_network: usize,
}

/// A key that secrets are sealed under.
#[derive(Debug)]
pub struct SealingKey {
    /// Its id, which is stored with every secret that is sealed under it.
    pub id: String,
    /// The key.
    pub key: SecretBox<[u8; 32]>,
}

impl Clone for SealingKey {
    fn clone(&self) -> Self {
        use secrecy::ExposeSecret;
        Self { id: self.id.clone(), key: SecretBox::new(Box::new(*self.key.expose_secret())) }
    }
}

impl SecurityConfig {
    pub(super) fn read(reader: &mut Reader<'_>, mode: Mode) -> Self {
        let (failures, registrations, password_policy) = match mode {
            Mode::Production => (Some(300), Some(60), PasswordPolicy::RefuseCommon),
            Mode::Development => (None, None, PasswordPolicy::AnyOfLength),
        };
        Self {
            sealing_keys: sealing_keys(reader),
            password_policy,
            otp_issuer: otp_issuer(reader),
            otp_window: AcceptanceWindow(reader.number("OTP_WINDOW", 0..=10).unwrap_or_default()),
            cookie_lifetimes: lifetimes(reader, "SESSION_IDLE", "SESSION_LIFETIME"),
            bearer_lifetimes: lifetimes(reader, "TOKEN_IDLE", "TOKEN_LIFETIME"),
            reauth_window: reader.duration("REAUTH_WINDOW"),
            device_lifetime: reader.duration_or_zero("DEVICE_LIFETIME"),
            network_failures: limit(reader, "NETWORK_FAILURES", failures),
            network_registrations: limit(reader, "NETWORK_REGISTRATIONS", registrations),
            hashing: HashingConfig::read(reader),
        }
    }
}

impl HashingConfig {
    fn read(reader: &mut Reader<'_>) -> Self {
        let parallelism = reader.number("HASH_PARALLELISM", 1..=8).unwrap_or(1);
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = reader.number("HASH_THREADS", 1..=256).unwrap_or(cores);
        let places = reader.number("HASH_QUEUE", 1..=1_000_000).unwrap_or(64 * threads);
        let share = reader.number("HASH_QUEUE_SHARE", 1..=100).unwrap_or(25);
        Self {
            memory_kib: reader.number("HASH_MEMORY_KIB", 8 * parallelism..=262_144).unwrap_or(8),
            iterations: reader.number("HASH_ITERATIONS", 1..=16).unwrap_or(1),
            parallelism,
            threads,
            places,
            places_a_network: (places * share / 100).max(1),
        }
    }
}

fn lifetimes(reader: &mut Reader<'_>, idle: &'static str, absolute: &'static str) -> Lifetimes {
    let read = Lifetimes { idle: reader.duration(idle), absolute: reader.duration(absolute) };
    let are_durations = !reader.is_faulty(idle) && !reader.is_faulty(absolute);
    if are_durations && read.idle > read.absolute {
        reader.fault(idle, format!("must not be longer than {absolute}"));
    }
    read
}

fn limit(reader: &mut Reader<'_>, name: &'static str, default: Option<u32>) -> Option<u32> {
    match reader.number(name, 0..=1_000_000) {
        None => default,
        Some(0) => None,
        Some(limit) => Some(limit),
    }
}

fn otp_issuer(reader: &mut Reader<'_>) -> String {
    let Some(issuer) = reader.optional("OTP_ISSUER") else {
        let name = reader.text("APP_NAME");
        if name.contains(':') {
            reader.fault("OTP_ISSUER", "must be set, because APP_NAME has a colon");
        }
        return name;
    };
    if issuer.contains(':') {
        reader.fault("OTP_ISSUER", "must not have a colon");
    }
    brand::check_name(reader, "OTP_ISSUER", &issuer);
    issuer
}

fn sealing_keys(reader: &mut Reader<'_>) -> Vec<SealingKey> {
    let Some(text) = reader.secret("SEALING_KEYS") else {
        return Vec::new();
    };
    let keys: Option<Vec<SealingKey>> = entries(&text).map(sealing_key).collect();
    let keys = keys.unwrap_or_default();
    if keys.is_empty() || !are_distinct(&keys, |key| key.id.as_str()) {
        reader.fault(
            "SEALING_KEYS",
            "must be keys such as 2026-11:BASE64, comma-separated, each id once and each key 32 \
             bytes in base64 (make one with: openssl rand -base64 32)",
        );
    }
    keys
}

fn sealing_key(entry: &str) -> Option<SealingKey> {
    let (id, key) = with_id(entry)?;
    let key: [u8; 32] = BASE64.decode(key.as_bytes()).ok()?.try_into().ok()?;
    Some(SealingKey { id: id.to_owned(), key: SecretBox::new(Box::new(key)) })
}
