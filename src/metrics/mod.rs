//! Metrics: everything that `GET /metrics` exports is defined here. Each layer gets the part that it records.
//!
//! The values of labels are closed sets, routes or kinds of events; none names a person, an address or a network.
//! `docs/metrics.md` lists every metric, and a test compares that list with a server.

mod database;
mod define;
mod events;
mod hashing;
mod http;
mod labels;
mod mail;
mod process;
mod sign_ins;

use prometheus::{Registry, TextEncoder};

pub use database::{Command, DatabaseMetrics, Failure, RunningCommand};
pub use events::EventMetrics;
pub use hashing::{HashingMetrics, Refusal};
pub use http::HttpMetrics;
pub use mail::MailMetrics;
pub use sign_ins::{Method, Outcome, SignInMetrics, Throttled};

use self::define::Define;
use self::process::ProcessMetrics;

/// The media type of the text format.
pub const TEXT_FORMAT: &str = prometheus::TEXT_FORMAT;

/// The metrics of one service. Clones share them.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    process: ProcessMetrics,
    /// Requests and connections.
    pub http: HttpMetrics,
    /// The hashing of passwords.
    pub hashing: HashingMetrics,
    /// Sign-ins and their limits.
    pub sign_ins: SignInMetrics,
    /// Security events.
    pub events: EventMetrics,
    /// Mail.
    pub mail: MailMetrics,
    /// Commands and connections of the database.
    pub database: DatabaseMetrics,
}

impl Metrics {
    /// Metrics at zero.
    ///
    /// # Errors
    ///
    /// Internal errors only.
    pub fn new() -> prometheus::Result<Self> {
        let registry = Registry::new();
        let define = Define(&registry);
        let build = define.gauges(
            "twofold_build_info",
            "The build; always 1.",
            &["version", "features"],
        )?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION"), features()]).set(1);
        Ok(Self {
            process: ProcessMetrics::new(define)?,
            http: HttpMetrics::new(define)?,
            hashing: HashingMetrics::new(define)?,
            sign_ins: SignInMetrics::new(define)?,
            events: EventMetrics::new(define)?,
            mail: MailMetrics::new(define)?,
            database: DatabaseMetrics::new(define)?,
            registry,
        })
    }

    /// Every metric in the text format of Prometheus.
    ///
    /// # Errors
    ///
    /// Internal errors only.
    pub fn render(&self) -> prometheus::Result<String> {
        self.process.refresh();
        TextEncoder::new().encode_to_string(&self.registry.gather())
    }
}

/// The optional features that were built in.
fn features() -> &'static str {
    match (cfg!(feature = "argon2-simd"), cfg!(feature = "otlp")) {
        (false, false) => "",
        (true, false) => "argon2-simd",
        (false, true) => "otlp",
        (true, true) => "argon2-simd,otlp",
    }
}
