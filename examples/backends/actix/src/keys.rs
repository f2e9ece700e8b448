//! The keys by which Twofold's tokens are verified.
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use biscuit::{Empty, jwk::JWKSet};

use super::twofold::{HTTP, TWOFOLD};

type Keys = Arc<JWKSet<Empty>>;

static CACHE: Mutex<Option<(Instant, Keys)>> = Mutex::new(None);
/// When they were last fetched for a key that was not among them.
static SEARCHED_AT: Mutex<Option<Instant>> = Mutex::new(None);

/// The keys to verify a token with, which names the key `kid`.
pub async fn for_token(kid: &str) -> reqwest::Result<Keys> {
    let cached = CACHE.lock().unwrap().clone();
    if let Some((fetched_at, keys)) = cached
        && fetched_at.elapsed() < Duration::from_mins(5)
        && (keys.find(kid).is_some() || !may_search())
    {
        return Ok(keys);
    }
    // The cache is not locked here: a slow answer delays only those who need it.
    let answer = HTTP.get(format!("{}/.well-known/jwks.json", *TWOFOLD)).send().await?;
    let keys = Keys::new(answer.error_for_status()?.json().await?);
    *CACHE.lock().unwrap() = Some((Instant::now(), Arc::clone(&keys)));
    Ok(keys)
}

/// Whether to fetch the keys for one that is not cached: once a minute at most, because anyone can make up a `kid`.
fn may_search() -> bool {
    let mut searched_at = SEARCHED_AT.lock().unwrap();
    let may = searched_at.is_none_or(|at| at.elapsed() > Duration::from_mins(1));
    if may {
        *searched_at = Some(Instant::now());
    }
    may
}
