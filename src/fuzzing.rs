//! The functions that `make fuzz` calls with arbitrary bytes. Each one panics if something that must hold
//! for any input does not hold. Built only with `--cfg fuzzing`.

use crate::app;
use crate::config::{Config, Environment, Mode};
pub use crate::crypto::fuzzing::sealed;
pub use crate::http::fuzzing::{basic, cookies, forwarded, json, wire};
pub use crate::storage::fuzzing::account;

/// Reads bytes as a `.env` file, and their lines as settings of the process's environment.
pub fn settings(bytes: &[u8]) {
    if let Ok(environment) = Environment::from_dotenv(bytes) {
        configure(&environment);
    }
    let text = String::from_utf8_lossy(bytes);
    configure(&Environment::from_pairs(text.lines().filter_map(|line| line.split_once('='))));
}

fn configure(environment: &Environment) {
    // The operator chooses which files are read, so the fuzzer must not choose them.
    if environment.names().any(|name| name.ends_with("_FILE")) {
        return;
    }
    match app::configure(environment) {
        Ok(config) => check(&config),
        Err(faults) => assert!(faults.names().count() > 0 && !faults.to_string().is_empty()),
    }
}

/// What must hold for settings that are accepted.
fn check(config: &Config) {
    let security = &config.security;
    for lifetimes in [security.cookie_lifetimes, security.bearer_lifetimes] {
        assert!(lifetimes.idle <= lifetimes.absolute, "a session idles longer than it lives");
    }
    assert!(!security.sealing_keys.is_empty() && !config.database.name.is_empty());
    let hashing = security.hashing;
    assert!(hashing.threads > 0 && (1..=hashing.places).contains(&hashing.places_a_network));
    if config.mode == Mode::Production {
        let origins = config.http.client_origins.iter().chain(&config.http.public_origin);
        assert!(origins.clone().all(|origin| origin.starts_with("https://")));
        assert!(config.http.public_origin.is_some(), "production without an origin of its own");
        let mut pages = config.mail.iter().filter_map(|mail| mail.pages.as_ref());
        assert!(pages.all(|page| page.scheme() == "https"), "links to an unprotected page");
    }
}
