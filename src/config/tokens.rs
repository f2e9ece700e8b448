//! The settings of tokens for other services.

use chrono::TimeDelta;
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use super::Check;
use super::entries::{are_distinct, entries, with_id};
use super::reader::Reader;
use crate::domain::audience::Audience;

/// The settings of tokens for other services.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// Keys that sign tokens, the one in use first. Without any, none are issued.
    pub signing_keys: Vec<SigningKeySetting>,
    /// The services that tokens may be made for.
    pub audiences: Vec<Audience>,
    /// How long a token is valid.
    pub lifetime: TimeDelta,
    /// The services that may introspect tokens.
    pub services: Vec<ServiceSetting>,
}

/// A key that signs tokens.
#[derive(Clone, Debug)]
pub struct SigningKeySetting {
    /// Its name in the log and on the command line.
    pub id: String,
    /// The key, as PKCS#8 in DER.
    pub pkcs8: SecretSlice<u8>,
}

/// A service that may introspect tokens.
#[derive(Clone, Debug)]
pub struct ServiceSetting {
    /// Its name.
    pub name: Audience,
    /// What it authenticates with.
    pub secret: SecretString,
}

/// The longest lifetime of a token, which its session's end does not shorten.
const LONGEST: TimeDelta = TimeDelta::minutes(15);
/// The shortest secret of a service, in characters.
const SHORTEST_SECRET: usize = 32;

impl TokenSettings {
    /// Reads the settings; `check` says whether a key can sign.
    pub(super) fn read(reader: &mut Reader<'_>, check: Check<'_, [u8]>) -> Self {
        let lifetime = reader.duration("JWT_LIFETIME");
        if lifetime > LONGEST && !reader.is_faulty("JWT_LIFETIME") {
            reader.fault("JWT_LIFETIME", "must not be longer than 15m");
        }
        Self {
            signing_keys: signing_keys(reader, check),
            audiences: audiences(reader),
            lifetime,
            services: services(reader),
        }
    }
}

fn signing_keys(reader: &mut Reader<'_>, check: Check<'_, [u8]>) -> Vec<SigningKeySetting> {
    let text = reader.optional_secret("SIGNING_KEYS").unwrap_or_default();
    let keys: Option<Vec<_>> = entries(&text).map(|entry| signing_key(entry, check)).collect();
    let Some(keys) = keys.filter(|keys| are_distinct(keys, |key| &key.id)) else {
        reader.fault(
            "SIGNING_KEYS",
            "must be keys such as 2026-11:BASE64, comma-separated, each id once and each key the base64 of a PKCS#8 \
             private key on P-256 (make one with: twofold keys new --signing)",
        );
        return Vec::new();
    };
    if !are_distinct(&keys, |key| key.pkcs8.expose_secret()) {
        reader.fault("SIGNING_KEYS", "must not have a key twice");
    }
    keys
}

fn signing_key(entry: &str, check: Check<'_, [u8]>) -> Option<SigningKeySetting> {
    let (id, key) = with_id(entry)?;
    let pkcs8 = BASE64.decode(key.as_bytes()).ok()?;
    let setting = SigningKeySetting { id: id.to_owned(), pkcs8: pkcs8.into() };
    check(setting.pkcs8.expose_secret()).is_ok().then_some(setting)
}

fn audiences(reader: &mut Reader<'_>) -> Vec<Audience> {
    let text = reader.text("TOKEN_AUDIENCES");
    let audiences: Option<Vec<_>> = entries(&text).map(Audience::parse).collect();
    let audiences = audiences.filter(|audiences| are_distinct(audiences, Audience::as_str));
    audiences.unwrap_or_else(|| {
        reader.fault(
            "TOKEN_AUDIENCES",
            "must be names or URLs of at most 200 visible ASCII characters, comma-separated, each once",
        );
        Vec::new()
    })
}

fn services(reader: &mut Reader<'_>) -> Vec<ServiceSetting> {
    let text = reader.optional_secret("SERVICES").unwrap_or_default();
    let services: Option<Vec<_>> = entries(&text).map(service).collect();
    let services = services.filter(|services| are_distinct(services, |one| one.name.as_str()));
    let Some(services) = services else {
        reader.fault(
            "SERVICES",
            "must be services such as billing:SECRET, comma-separated, each name once and of letters, digits, - _ and ., \
             and each secret at least 32 characters of letters, digits, - and _ (make one with: openssl rand -hex 32)",
        );
        return Vec::new();
    };
    if !are_distinct(&services, |service| service.secret.expose_secret()) {
        reader.fault("SERVICES", "must not have a secret twice: each service needs one of its own");
    }
    services
}

fn service(entry: &str) -> Option<ServiceSetting> {
    let (name, secret) = entry.split_once(':')?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    let fits = secret.len() >= SHORTEST_SECRET && secret.chars().all(is_plain);
    let name = Audience::parse_service(name)?;
    fits.then(|| ServiceSetting { name, secret: SecretString::from(secret) })
}
