//! Who is signed in with Twofold.
use std::time::{Duration, Instant};
use std::{env, sync::LazyLock};

use biscuit::jwa::SignatureAlgorithm::ES256;
use biscuit::{ClaimPresenceOptions, Empty, JWT, Validation, ValidationOptions, jwk::JWKSet};
use serde_json::{Value, json};
use tokio::sync::Mutex;

// By default the development values of the service, as `make dev` starts it.
static TWOFOLD: LazyLock<String> = LazyLock::new(|| setting("TWOFOLD", "http://localhost:8000"));
static NAME: LazyLock<String> = LazyLock::new(|| setting("NAME", "development"));
static HTTP: LazyLock<reqwest::Client> = LazyLock::new(client);
static KEYS: Mutex<Option<(Instant, JWKSet<Empty>)>> = Mutex::const_new(None);

fn client() -> reqwest::Client {
    reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap_or_default()
}

pub fn setting(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Verifies a JWT for this service. A session that has ended is noticed when the JWT expires.
pub async fn by_jwt(token: &str) -> reqwest::Result<Option<Value>> {
    let mut cache = KEYS.lock().await;
    cache.take_if(|(fetched_at, _)| fetched_at.elapsed() > Duration::from_mins(5));
    if cache.is_none() {
        let response = HTTP.get(format!("{}/.well-known/jwks.json", *TWOFOLD)).send().await?;
        *cache = Some((Instant::now(), response.error_for_status()?.json().await?));
    }
    let rules = ValidationOptions {
        issuer: Validation::Validate(TWOFOLD.clone()),
        audience: Validation::Validate(NAME.clone()),
        claim_presence_options: ClaimPresenceOptions::strict(),
        ..Default::default()
    };
    let verified = cache.as_ref().and_then(|(_, keys)| {
        let token = JWT::<Value, Empty>::new_encoded(token);
        let token = token.decode_with_jwks(keys, Some(ES256)).ok()?;
        token.validate(rules).ok()?;
        let (header, claims) = token.unwrap_decoded();
        let is_access_token = header.registered.media_type.as_deref() == Some("at+jwt");
        is_access_token.then_some(claims)
    });
    Ok(verified.map(|user| json!({ "sub": user.registered.subject, "acr": user.private["acr"] })))
}

/// Asks Twofold about a token of any kind. A session that has ended is noticed at once.
pub async fn by_introspection(token: &str) -> reqwest::Result<Option<Value>> {
    let secret = setting("SECRET", "development-only-secret-of-a-service");
    let request = HTTP.post(format!("{}/oauth/introspect", *TWOFOLD));
    let request = request.basic_auth(&*NAME, Some(secret)).form(&[("token", token)]);
    let user: Value = request.send().await?.error_for_status()?.json().await?;
    Ok((user["active"] == true).then_some(user))
}
