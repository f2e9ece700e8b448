//! Settings: read once from the environment and `.env`, parsed into types, and passed by value. All faults are
//! reported together.

mod brand;
mod entries;
mod environment;
mod faults;
mod http;
mod mail;
mod passkeys;
mod production;
mod reader;
mod security;
pub mod settings;
mod tokens;
mod traces;

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use secrecy::SecretString;

pub use brand::{Brand, ImageFormat, Logo};
pub use environment::Environment;
pub use faults::Faults;
pub use http::{HttpConfig, ProxyHeader};
pub use mail::{MailSettings, MailTransport, SmtpSecurity, SmtpServer};
pub use passkeys::origins as passkey_origins;
use reader::Reader;
pub use security::{HashingConfig, SealingKey, SecurityConfig};
pub use tokens::{ServiceSetting, SigningKeySetting, TokenSettings};

/// The service's settings.
#[derive(Clone, Debug)]
pub struct Config {
    /// Development or production.
    pub mode: Mode,
    /// What the operator calls the service, and how its pages look.
    pub brand: Brand,
    /// The HTTP server's settings.
    pub http: HttpConfig,
    /// The database.
    pub database: DatabaseConfig,
    /// Costs, lifetimes, limits and keys.
    pub security: SecurityConfig,
    /// The file of passwords that nobody may choose.
    pub breached_passwords: Option<PathBuf>,
    /// How long security events are kept.
    pub events_kept: TimeDelta,
    /// The log filter, in the syntax of `tracing`'s `EnvFilter`.
    pub log: String,
    /// The collector that traces are sent to, if they are.
    pub traces: Option<String>,
    /// Connection string of the database whose users `twofold import` reads.
    pub import_url: Option<SecretString>,
    /// Bearer token that may read the metrics.
    pub metrics_token: Option<SecretString>,
    /// The id of the relying party of passkeys; `None` where that would be an IP address.
    pub passkey_rp_id: Option<String>,
    /// Mail; `None` if it is off.
    pub mail: Option<MailSettings>,
    /// Tokens for other services.
    pub tokens: TokenSettings,
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

/// Checks the value of a setting. An error follows the setting's name in a sentence.
pub type Check<'a, T> = &'a dyn Fn(&T) -> Result<(), String>;

/// Checks of settings whose rules other layers have, so the caller provides them.
#[derive(Clone, Copy)]
pub struct Checks<'a> {
    /// Checks a connection string; an error quotes no part of it.
    pub url: Check<'a, str>,
    /// Checks the file of breached passwords.
    pub breached_passwords: Check<'a, Path>,
    /// Checks the settings of mail.
    pub mail: MailCheck<'a>,
    /// Checks a key that is to sign tokens, in PKCS#8.
    pub signing_key: Check<'a, [u8]>,
}

/// Checks the settings of mail, the templates among them. An error is a setting's name and what is wrong with it.
pub type MailCheck<'a> = &'a dyn Fn(&Config) -> Result<(), (&'static str, String)>;

impl Config {
    /// Parses the settings without the checks of other layers.
    ///
    /// # Errors
    ///
    /// Every missing or invalid setting, with its name and the reason.
    pub fn from_environment(environment: &Environment) -> Result<Self, Faults> {
        let checks = Checks {
            url: &|_url| Ok(()),
            breached_passwords: &|_path| Ok(()),
            mail: &|_config| Ok(()),
            signing_key: &|_pkcs8| Ok(()),
        };
        Self::checked(environment, checks)
    }

    /// Parses the settings, and applies the checks of other layers.
    ///
    /// # Errors
    ///
    /// Every missing or invalid setting, with its name and the reason.
    pub fn checked(environment: &Environment, checks: Checks<'_>) -> Result<Self, Faults> {
        let mut reader = Reader::new(environment);
        let mode = reader.choice(
            "APP_ENV",
            &[("production", Mode::Production), ("development", Mode::Development)],
        );
        let http = HttpConfig::read(&mut reader, mode);
        let config = Self {
            mode,
            brand: Brand::read(&mut reader),
            mail: MailSettings::read(&mut reader, mode, &http),
            passkey_rp_id: passkeys::read(&mut reader, &http),
            tokens: TokenSettings::read(&mut reader, checks.signing_key),
            http,
            database: DatabaseConfig {
                url: reader.required_url("DATABASE_URL", checks.url),
                name: reader.required("MONGO_INITDB_DATABASE"),
            },
            security: SecurityConfig::read(&mut reader, mode),
            breached_passwords: reader.file("BREACHED_PASSWORDS", checks.breached_passwords),
            events_kept: reader.duration("EVENT_RETENTION"),
            log: reader.text("LOG"),
            traces: traces::read(&mut reader),
            import_url: reader.optional_url("IMPORT_URL", checks.url),
            metrics_token: reader.optional_secret("METRICS_TOKEN").map(SecretString::from),
        };
        if mode == Mode::Production {
            production::check(&config, &mut reader);
        }
        if let Err((setting, fault)) = (checks.mail)(&config)
            && !reader.is_faulty(setting)
        {
            reader.fault(setting, fault);
        }
        reader.finish(config)
    }
}
