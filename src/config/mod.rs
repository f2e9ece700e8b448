//! Settings: read once from the environment and `.env`, parsed into types, and passed by value. All faults are
//! reported together.

mod environment;
mod faults;
mod http;
mod production;
mod reader;
mod security;
pub mod settings;

use chrono::TimeDelta;
use secrecy::SecretString;

pub use environment::Environment;
pub use faults::Faults;
pub use http::{HttpConfig, ProxyHeader};
use reader::Reader;
pub use security::{HashingConfig, SealingKey, SecurityConfig};

/// The service's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Development or production.
    pub mode: Mode,
    /// The HTTP server's settings.
    pub http: HttpConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// Costs, lifetimes, limits and keys.
    pub security: SecurityConfig,
    /// How long security events are kept.
    pub events_kept: TimeDelta,
    /// The log filter, in the syntax of `tracing`'s `EnvFilter`.
    pub log: String,
    /// Connection string of the database whose users `twofold import` reads.
    pub import_url: Option<SecretString>,
    /// Bearer token that may read the metrics.
    pub metrics_token: Option<SecretString>,
}

/// The environment that the service runs in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Allows cookies without TLS, the tutorials' passwords, and the checked-in secrets.
    Development,
    /// Allows none of these.
    #[default]
    Production,
}

/// Where the database is.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// The connection string, with credentials.
    pub url: SecretString,
    /// The name of the database. (The path of the connection string doesn't set it.)
    pub name: String,
}

/// Checks a connection string. An error follows the setting's name in a sentence, and quotes no part of the
/// string. This layer doesn't know the driver, so the caller provides the check.
pub type UrlCheck<'a> = &'a dyn Fn(&str) -> Result<(), String>;

impl Config {
    /// Parses the settings without checking the connection strings.
    ///
    /// # Errors
    ///
    /// Every missing or invalid setting, with its name and the reason.
    pub fn from_environment(environment: &Environment) -> Result<Self, Faults> {
        Self::checked(environment, &|_url| Ok(()))
    }

    /// Parses the settings, and checks the connection strings with `check_url`.
    ///
    /// # Errors
    ///
    /// Every missing or invalid setting, with its name and the reason.
    pub fn checked(environment: &Environment, check_url: UrlCheck<'_>) -> Result<Self, Faults> {
        let mut reader = Reader::new(environment);
        let mode = reader.choice(
            "APP_ENV",
            &[("production", Mode::Production), ("development", Mode::Development)],
        );
        let config = Self {
            mode,
            http: HttpConfig::read(&mut reader),
            database: DatabaseConfig {
                url: reader.required_url("DATABASE_URL", check_url),
                name: reader.required("MONGO_INITDB_DATABASE"),
            },
            security: SecurityConfig::read(&mut reader, mode),
            events_kept: reader.duration("EVENT_RETENTION"),
            log: reader.text("LOG"),
            import_url: reader.optional_url("IMPORT_URL", check_url),
            metrics_token: reader.optional_secret("METRICS_TOKEN").map(SecretString::from),
        };
        if mode == Mode::Production {
            production::check(&config, &mut reader);
        }
        reader.finish(config)
    }
}
