//! The operator's decisions: read once from the environment and `.env`, parsed into types, passed
//! down by value. Every fault is reported together.

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

/// What the service runs on.
#[derive(Clone, Debug)]
pub struct Config {
    /// Development or production.
    pub mode: Mode,
    /// Where and to whom it answers.
    pub http: HttpConfig,
    /// Where its database is.
    pub database: DatabaseConfig,
    /// Costs, lifetimes, limits and keys.
    pub security: SecurityConfig,
    /// How long security events are kept.
    pub events_kept: TimeDelta,
    /// What is logged, in the syntax of `tracing`'s filters.
    pub log: String,
    /// Connection string of the database whose users `twofold import` reads.
    pub import_url: Option<SecretString>,
    /// Bearer token that may read the metrics.
    pub metrics_token: Option<SecretString>,
}

/// What is forgiven: in production, nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Cookies without TLS, the tutorials' passwords, the checked-in secrets.
    Development,
    /// None of these.
    #[default]
    Production,
}

/// Where the database is.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// Connection string, with its credentials.
    pub url: SecretString,
    /// Name of the database; the connection string's path does not name it.
    pub name: String,
}

/// What is wrong with a connection string, in words that follow the setting's name and quote no part
/// of the string. This layer does not know the driver, so its caller brings the check.
pub type UrlCheck<'a> = &'a dyn Fn(&str) -> Result<(), String>;

impl Config {
    /// Parses the settings, all but the connection strings.
    ///
    /// # Errors
    ///
    /// Every setting that is missing or wrong, each with its name and what it wants.
    pub fn from_environment(environment: &Environment) -> Result<Self, Faults> {
        Self::checked(environment, &|_url| Ok(()))
    }

    /// Parses the settings; `check_url` says what a connection string has to be, without quoting it.
    ///
    /// # Errors
    ///
    /// Every setting that is missing or wrong, each with its name and what it wants.
    pub fn checked(environment: &Environment, check_url: UrlCheck<'_>) -> Result<Self, Faults> {
        let mut reader = Reader::new(environment);
        let mode = reader.choice(
            "APP_ENV",
            &[("production", Mode::Production), ("development", Mode::Development)],
        );
        let config = Self {
            mode,
            http: HttpConfig::read(&mut reader, mode),
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
