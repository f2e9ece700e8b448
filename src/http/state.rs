//! What every worker's handlers share, besides the flows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Once, OnceLock};
use std::time::Duration;

use actix_web::http::StatusCode;
use secrecy::SecretString;

use super::asset::Asset;
use super::connections::Connections;
use super::error::ApiError;
use super::{openapi, web_ui};
use crate::config::{Brand, Config, HttpConfig, Mode};
use crate::domain::password::PasswordPolicy;
use crate::metrics::Metrics;

/// What every worker's handlers share, besides the flows.
pub struct HttpState {
    /// Development or production.
    pub mode: Mode,
    /// The HTTP server's settings.
    pub config: HttpConfig,
    /// Which passwords an account may be given.
    pub password_policy: PasswordPolicy,
    /// How long a browser may keep a session's cookie: no session lives longer.
    pub session_cookie_age: Duration,
    /// Bearer token that may read the metrics.
    pub metrics_token: Option<SecretString>,
    /// The metrics of the process.
    pub metrics: Metrics,
    /// The number of open connections, and its limit.
    pub connections: Connections,
    /// The warning about pages of another site.
    pub(super) cross_site_page: Once,
    /// What the operator calls the service, and how its pages look.
    pub brand: Brand,
    /// What the page of the web UI says about this service, as attributes.
    attributes: String,
    branded: OnceLock<HashMap<&'static str, Asset>>,
    description: OnceLock<Asset>,
    own_origins: Vec<String>,
    stopping: AtomicBool,
}

impl HttpState {
    /// The state of a service bound to `port`, whose process may open `descriptors`.
    #[must_use]
    pub fn new(settings: &Config, port: u16, descriptors: usize, metrics: Metrics) -> Self {
        let (mode, config) = (settings.mode, settings.http.clone());
        let local = ["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{port}"));
        let own_origins = match (mode, &config.public_origin) {
            (Mode::Development, None) => local.to_vec(),
            (Mode::Development, Some(origin)) => {
                [local.as_slice(), std::slice::from_ref(origin)].concat()
            }
            (Mode::Production, origin) => origin.iter().cloned().collect(),
        };
        let session_lifetime = settings.security.cookie_lifetimes.absolute;
        let connections = Connections::within(descriptors, config.max_connections);
        Self {
            mode,
            config,
            password_policy: settings.security.password_policy,
            session_cookie_age: session_lifetime.to_std().unwrap_or_default(),
            metrics_token: settings.metrics_token.clone(),
            metrics,
            connections,
            cross_site_page: Once::new(),
            brand: settings.brand.clone(),
            attributes: web_ui::attributes(settings, &own_origins),
            branded: OnceLock::new(),
            description: OnceLock::new(),
            own_origins,
            stopping: AtomicBool::new(false),
        }
    }

    /// The description of the API, built when a client first asks for it: that takes megabytes, which most
    /// instances never need.
    ///
    /// # Errors
    ///
    /// Internal errors only.
    pub fn description(&self) -> Result<&Asset, ApiError> {
        if let Some(description) = self.description.get() {
            return Ok(description);
        }
        let failed = || ApiError::Other(StatusCode::INTERNAL_SERVER_ERROR);
        let server = self.config.public_origin.as_deref().unwrap_or("/");
        let json = openapi::document(server).to_json().map_err(|_cause| failed())?;
        let description =
            Asset::compressed("openapi.json", json.as_bytes()).map_err(|_cause| failed())?;
        Ok(self.description.get_or_init(|| description))
    }

    /// The file of the web UI with this name, if this service has one of its own.
    #[must_use]
    pub(super) fn branded(&self, name: &str) -> Option<&Asset> {
        self.branded.get_or_init(|| web_ui::files(&self.brand, &self.attributes)).get(name)
    }

    /// Whether pages of this origin may act with the user's cookies. Known origins are never
    /// taken from a request.
    #[must_use]
    pub fn knows_origin(&self, origin: &str) -> bool {
        self.own_origins.iter().any(|own| own == origin) || self.may_read(origin)
    }

    /// Whether pages of this origin may read responses. In development, pages at any port of `localhost` may.
    #[must_use]
    pub fn may_read(&self, origin: &str) -> bool {
        self.config.client_origins.iter().any(|known| known == origin)
            || (self.mode == Mode::Development && is_localhost(origin))
    }

    /// Marks the service as stopping: it is no longer ready.
    pub fn begin_stopping(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Whether the service is about to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

/// Whether this is `http://localhost` at any port, as browsers write it.
fn is_localhost(origin: &str) -> bool {
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number.to_string() == port);
    origin
        .strip_prefix("http://localhost")
        .is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_that_name_alone_at_any_port_without_tls() {
        for yes in ["http://localhost", "http://localhost:1", "http://localhost:65535"] {
            assert!(is_localhost(yes), "{yes}");
        }
        for no in [
            "https://localhost:3000",
            "http://localhost:",
            "http://localhost:+80",
            "http://localhost:080",
            "http://localhost:65536",
            "http://localhost:3000/",
            "http://localhost:3000@evil.example",
            "http://localhost.:3000",
            "http://localhost.evil.example",
            "http://localhostevil.example",
            "http://app.localhost:3000",
            "HTTP://LOCALHOST:3000",
            "http://127.0.0.1:3000",
            " http://localhost:3000",
            "http://localhost:3000\r\nx: y",
            "null",
            "",
        ] {
            assert!(!is_localhost(no), "{no}");
        }
    }
}
