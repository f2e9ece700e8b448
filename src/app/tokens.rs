//! Tokens for other services, from the settings.

use secrecy::ExposeSecret;

use crate::config::{Config, TokenSettings};
use crate::crypto::jwt::{InvalidKey, SigningKey, SigningKeys};
use crate::crypto::service_secret::ServiceSecret;
use crate::flows::tokens::{Signing, TokenRules};

/// The settings of tokens, of a service bound to `port`.
///
/// # Errors
///
/// [`InvalidKey`] for a key that cannot sign.
pub(super) fn rules(config: &Config, port: u16) -> Result<TokenRules, InvalidKey> {
    let settings = &config.tokens;
    let keys = signing_keys(config)?;
    let signing = (!settings.signing_keys.is_empty()).then(|| Signing {
        keys,
        audiences: settings.audiences.clone(),
        lifetime: settings.lifetime,
    });
    let services = settings
        .services
        .iter()
        .map(|service| (service.name.clone(), ServiceSecret::new(service.secret.expose_secret())));
    let public = config.http.public_origin.clone();
    Ok(TokenRules {
        issuer: public.unwrap_or_else(|| format!("http://localhost:{port}")),
        signing,
        services: services.collect(),
    })
}

/// The keys that sign tokens, in the order of the settings.
///
/// # Errors
///
/// [`InvalidKey`] for a key that cannot sign.
pub(crate) fn signing_keys(config: &Config) -> Result<SigningKeys, InvalidKey> {
    let settings = config.tokens.signing_keys.iter();
    let keys = settings.map(|key| SigningKey::from_pkcs8(&key.id, key.pkcs8.expose_secret()));
    Ok(SigningKeys::new(keys.collect::<Result<_, _>>()?))
}

/// Logs which key signs.
pub(super) fn log_signer(settings: &TokenSettings) {
    if let Some(key) = settings.signing_keys.first() {
        tracing::info!(key = key.id, "tokens for other services are signed");
    }
}
