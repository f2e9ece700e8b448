//! Checks of the settings in production.

use data_encoding::BASE64;
use secrecy::ExposeSecret;
use url::Url;

use super::reader::Reader;
use super::{Config, ServiceSetting, SigningKeySetting, TokenSettings};

/// The secrets of the checked-in `.env`, which are public.
const DEVELOPMENT_PASSWORD: &str = "password123";
const DEVELOPMENT_KEY: &[u8; 32] = b"twofold development sealing key!";
const DEVELOPMENT_SIGNING_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgF/9Md9Qi+Cc40RHKbzJbRAJTLP9AG+QdYQ+Y51JnnQ+hRANCAASFcdTuI4seJcDPzWYwjcFoV2BbjoBPObtvL67lxdHoV2d2cGTaSs8Gp6WV2s/uqS8HJ8qyQo8IO1NFGKm114Bz";
const DEVELOPMENT_SERVICE_SECRET: &str = "development-only-secret-of-a-service";

/// Adds a fault for each setting that is missing in production, or only suitable for development.
pub(super) fn check(config: &Config, reader: &mut Reader<'_>) {
    let url = config.database.url.expose_secret();
    if database_password(url).as_deref() == Some(DEVELOPMENT_PASSWORD) {
        reader.fault("DATABASE_URL", "has the password of the checked-in .env, which is public");
    }
    let keys = &config.security.sealing_keys;
    if keys.iter().any(|key| key.key.expose_secret() == DEVELOPMENT_KEY) {
        reader.fault("SEALING_KEYS", "has the key of the checked-in .env, which is public");
    }
    check_tokens(&config.tokens, reader);
    if reader.optional("PUBLIC_ORIGIN").is_none() {
        reader
            .fault("PUBLIC_ORIGIN", "must be set in production, such as https://auth.example.com");
    }
    let origin = config.http.public_origin.as_deref();
    if origin.is_some_and(|origin| !origin.starts_with("https://")) {
        reader.fault(
            "PUBLIC_ORIGIN",
            "must be https in production, because cookies are only sent over TLS",
        );
    }
    let clients = &config.http.client_origins;
    if clients.iter().any(|client| !client.starts_with("https://")) {
        reader.fault(
            "CLIENT_ORIGIN",
            "must be https in production, because an attacker on the network can change http pages",
        );
    }
    let token = config.metrics_token.as_ref().map(ExposeSecret::expose_secret);
    if token.is_some_and(|token| token.len() < 16) {
        reader.fault("METRICS_TOKEN", "must have at least 16 characters in production");
    }
}

fn check_tokens(tokens: &TokenSettings, reader: &mut Reader<'_>) {
    let is_public = |key: &SigningKeySetting| {
        BASE64.encode(key.pkcs8.expose_secret()) == DEVELOPMENT_SIGNING_KEY
    };
    if tokens.signing_keys.iter().any(is_public) {
        reader.fault("SIGNING_KEYS", "has the key of the checked-in .env, which is public");
    }
    let is_public =
        |service: &ServiceSetting| service.secret.expose_secret() == DEVELOPMENT_SERVICE_SECRET;
    if tokens.services.iter().any(is_public) {
        reader.fault("SERVICES", "has the secret of the checked-in .env, which is public");
    }
}

/// A connection string with several hosts is not a URL, so only its credentials are parsed.
fn database_password(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let (credentials, _) = rest.split_once('@')?;
    let parsed = Url::parse(&format!("mongodb://{credentials}@host")).ok()?;
    parsed.password().map(str::to_owned)
}
