//! Every setting, with its default and its description.

use std::fmt::Write;

/// A setting.
pub struct Setting {
    /// Its name in the environment and in `.env`.
    pub name: &'static str,
    /// Its default; empty if there is none.
    pub default: &'static str,
    /// Whether its value is a secret, which may also be given as `NAME_FILE`, the path of a file.
    pub is_secret: bool,
    /// Its description.
    pub meaning: &'static str,
}

const fn setting(name: &'static str, default: &'static str, meaning: &'static str) -> Setting {
    Setting { name, default, is_secret: false, meaning }
}

const fn secret(name: &'static str, meaning: &'static str) -> Setting {
    Setting { name, default: "", is_secret: true, meaning }
}

/// The settings, in the order of `--help` and the README.
pub const SETTINGS: &[Setting] = &[
    setting("APP_ENV", "production", "`development` or `production`"),
    setting("HOST", "127.0.0.1", "address to listen on"),
    setting("PORT", "8000", "port to listen on; 0 takes a free one"),
    secret("DATABASE_URL", "MongoDB connection string; required"),
    setting("MONGO_INITDB_DATABASE", "", "name of the database; required"),
    setting(
        "CLIENT_ORIGIN",
        "",
        "origins whose pages may call the API, comma-separated; in development `http://localhost` at any port may as well",
    ),
    setting(
        "PUBLIC_ORIGIN",
        "",
        "origin at which browsers reach the service; required in production",
    ),
    setting(
        "APP_NAME",
        "Twofold",
        "name of the service in the web UI, in mail and in the prompts for passkeys",
    ),
    setting("APP_LOGO", "", "image beside the name: an SVG, PNG or WebP file of at most 256 KiB"),
    setting(
        "APP_ACCENT",
        "",
        "colour of links and buttons in the web UI, such as `#0d6b5e`, or one for light and one for dark: `#0d6b5e,#6fd3bd`",
    ),
    setting(
        "PASSKEY_RP_ID",
        "",
        "host name that passkeys are made for; the host of PUBLIC_ORIGIN, or `localhost` in development",
    ),
    setting(
        "TRUSTED_PROXIES",
        "",
        "trusted proxies (CIDR), comma-separated; only they may set the client's address",
    ),
    setting(
        "PROXY_HEADER",
        "x-forwarded-for",
        "header that the trusted proxies set: `x-forwarded-for` or `forwarded`",
    ),
    secret(
        "SEALING_KEYS",
        "keys that secrets are sealed under, newest first: `id:base64 of 32 bytes`, comma-separated; required",
    ),
    secret("IMPORT_URL", "connection string of the database that `twofold import` reads"),
    secret("METRICS_TOKEN", "bearer token that may read the metrics"),
    secret(
        "SMTP_URL",
        "mail server: `smtps://user:password@host`, or `smtp://…` with STARTTLS; plain text only to a loopback address",
    ),
    setting(
        "MAIL_FROM",
        "",
        "sender of all mail, such as `Twofold <no-reply@example.com>`; required with SMTP_URL",
    ),
    setting(
        "MAIL_CA_FILE",
        "",
        "PEM file of further authorities for the mail server's certificate",
    ),
    setting(
        "MAIL_FOLDER",
        "",
        "folder that mail is written to where SMTP_URL is not set, or `off`; `.data/mail` in development, off in production",
    ),
    setting(
        "MAIL_PAGES",
        "",
        "page that links in mail lead to; the web UI under PUBLIC_ORIGIN, or at `http://localhost:PORT` in development",
    ),
    setting("MAIL_TEMPLATES", "", "folder of templates that replace the built-in texts of mail"),
    setting(
        "REQUIRE_VERIFIED_EMAIL",
        "false",
        "`true` refuses sign-ins until the email address is verified",
    ),
    setting(
        "EMAIL_CHANGE_DELAY",
        "24h",
        "how long a confirmed change of email address waits for approval, 0 for not at all",
    ),
    setting(
        "OTP_ISSUER",
        "",
        "name of the entry in the authenticator app; APP_NAME if it is not set",
    ),
    setting(
        "OTP_WINDOW",
        "1",
        "steps of 30 s before and after the current one whose codes are accepted, 0 to 10",
    ),
    setting("SESSION_IDLE", "1h", "idle timeout of browser sessions"),
    setting("SESSION_LIFETIME", "24h", "lifetime of browser sessions"),
    setting("TOKEN_IDLE", "1h", "idle timeout of bearer tokens of the Basic contract"),
    setting("TOKEN_LIFETIME", "24h", "lifetime of bearer tokens of the Basic contract"),
    secret(
        "SIGNING_KEYS",
        "keys that sign tokens for other services, the one in use first: `id:base64 of a PKCS#8 P-256 key`, comma-separated; no such tokens without it",
    ),
    setting("TOKEN_AUDIENCES", "", "services that such tokens may be made for, comma-separated"),
    setting("JWT_LIFETIME", "5m", "lifetime of such tokens, at most 15m"),
    secret(
        "SERVICES",
        "services that may introspect tokens: `name:secret of at least 32 characters`, comma-separated; no introspection without it",
    ),
    setting("REAUTH_WINDOW", "15m", "maximum age of a sign-in for sensitive actions"),
    setting(
        "DEVICE_LIFETIME",
        "30d",
        "how long a login on a trusted device needs no second factor; 0 trusts no device",
    ),
    setting("EVENT_RETENTION", "90d", "how long security events are kept"),
    setting(
        "NETWORK_FAILURES",
        "",
        "failed sign-ins allowed for a network in 10 minutes, 0 for no limit; 300 in production, no limit in development",
    ),
    setting(
        "NETWORK_REGISTRATIONS",
        "",
        "registration attempts allowed for a network in an hour, 0 for no limit; 60 in production, no limit in development",
    ),
    setting(
        "BREACHED_PASSWORDS",
        "",
        "file of breached passwords, which nobody may choose, made by `twofold passwords build`; no check without it",
    ),
    setting("HASH_MEMORY_KIB", "19456", "memory of an Argon2id hash, KiB"),
    setting("HASH_ITERATIONS", "2", "passes of an Argon2id hash"),
    setting("HASH_PARALLELISM", "1", "lanes of an Argon2id hash"),
    setting("HASH_THREADS", "", "hashes computed at the same time; one for each core"),
    setting("HASH_QUEUE", "", "places in the hashing queue; 64 for each thread"),
    setting(
        "HASH_QUEUE_SHARE",
        "25",
        "percent of those places that one network may hold, 1 to 100",
    ),
    setting(
        "MAX_CONNECTIONS",
        "",
        "open connections; more are answered with 503; 10000, or fewer where `ulimit -n` is low",
    ),
    setting("HEAD_TIMEOUT", "5s", "a request's headers must arrive within this"),
    setting("KEEP_ALIVE", "5s", "an idle connection is closed after this"),
    setting(
        "WRITE_TIMEOUT",
        "10s",
        "a client that accepts nothing of a response for this long is disconnected",
    ),
    setting("BODY_TIMEOUT", "10s", "a request's body must arrive within this"),
    setting(
        "SHUTDOWN_DRAIN",
        "",
        "how long requests are still accepted when the service stops, 0 for not at all; 5s in production, 0 in development",
    ),
    setting("SHUTDOWN_TIMEOUT", "20s", "time for requests in progress to finish after that"),
    setting("LOG", "info", "log filter, in the syntax of tracing's `EnvFilter`"),
    setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "",
        "collector that traces are sent to, such as `http://127.0.0.1:4318`; needs a build with the feature `otlp`",
    ),
];

/// The settings as a table for `--help`.
#[must_use]
pub fn help() -> String {
    let mut text = String::from(
        "Settings, from the environment or from .env (the environment wins). Durations take s, m, h \
         or d.\nA secret may be given as NAME_FILE, the path of a file that holds it.\n\n",
    );
    for setting in SETTINGS {
        let default = match (setting.default, setting.is_secret) {
            ("", true) => " (secret)".to_owned(),
            ("", false) => String::new(),
            (default, _) => format!(" [{default}]"),
        };
        // Writing to a string cannot fail.
        let _written = writeln!(text, "  {:<22} {}{default}", setting.name, setting.meaning);
    }
    text
}

pub(super) fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}
