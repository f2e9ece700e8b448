//! Who is signed in with Twofold.
use std::{env, sync::LazyLock, time::Duration};

use biscuit::jwa::SignatureAlgorithm::ES256;
use biscuit::{ClaimPresenceOptions, Empty, JWT, TemporalOptions, Validation, ValidationOptions};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::keys;

// By default the development values of the service, as `make dev` starts it.
pub static TWOFOLD: LazyLock<String> =
    LazyLock::new(|| setting("TWOFOLD", "http://localhost:8000"));
static NAME: LazyLock<String> = LazyLock::new(|| setting("NAME", "development"));
pub static HTTP: LazyLock<reqwest::Client> = LazyLock::new(client);

fn client() -> reqwest::Client {
    reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap_or_default()
}

pub fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Verifies a JWT for this service. A session that has ended is noticed when the JWT expires.
pub async fn by_jwt(token: &str) -> reqwest::Result<Option<Value>> {
    let token = JWT::<Value, Empty>::new_encoded(token);
    let kid = token.unverified_header().ok().and_then(|header| header.registered.key_id);
    let Some(kid) = kid else { return Ok(None) };
    let keys = keys::for_token(&kid).await?;
    let rules = ValidationOptions {
        issuer: Validation::Validate(TWOFOLD.clone()),
        audience: Validation::Validate(NAME.clone()),
        claim_presence_options: ClaimPresenceOptions::strict(),
        temporal_options: TemporalOptions { epsilon: TimeDelta::seconds(10), now: None },
        ..Default::default()
    };
    let Ok(token) = token.decode_with_jwks(&keys, Some(ES256)) else { return Ok(None) };
    let is_valid = token.validate(rules).is_ok();
    let (header, claims) = token.unwrap_decoded();
    let is_access_token = header.registered.media_type.as_deref() == Some("at+jwt");
    let user = json!({ "sub": claims.registered.subject, "acr": claims.private["acr"] });
    Ok((is_valid && is_access_token).then_some(user))
}

/// Asks Twofold about a token of any kind. A session that has ended is noticed at once.
pub async fn by_introspection(token: &str) -> reqwest::Result<Option<Value>> {
    let secret = setting("SECRET", "development-only-secret-of-a-service");
    let request = HTTP.post(format!("{}/oauth/introspect", *TWOFOLD));
    let request = request.basic_auth(&*NAME, Some(secret)).form(&[("token", token)]);
    let user: Value = request.send().await?.error_for_status()?.json().await?;
    Ok((user["active"] == true).then_some(user))
}
