//! What every worker's handlers share beside the flows.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::config::{HttpConfig, Mode};
use crate::domain::password::PasswordPolicy;

/// What every worker's handlers share beside the flows.
pub struct HttpState {
    /// Development or production.
    pub mode: Mode,
    /// Where and to whom the service answers.
    pub config: HttpConfig,
    /// Which passwords an account may be given.
    pub password_policy: PasswordPolicy,
    /// How long a browser may keep a session's cookie: no session lives longer.
    pub session_cookie_age: Duration,
    own_origins: Vec<String>,
    stopping: AtomicBool,
}

impl HttpState {
    /// The state of a service bound to `port`.
    #[must_use]
    pub fn new(
        mode: Mode,
        config: HttpConfig,
        password_policy: PasswordPolicy,
        session_cookie_age: Duration,
        port: u16,
    ) -> Self {
        let local = ["localhost", "127.0.0.1"].map(|host| format!("http://{host}:{port}"));
        let own_origins = match (mode, &config.public_origin) {
            (Mode::Development, None) => local.to_vec(),
            (Mode::Development, Some(origin)) => {
                [local.as_slice(), std::slice::from_ref(origin)].concat()
            }
            (Mode::Production, origin) => origin.iter().cloned().collect(),
        };
        Self {
            mode,
            config,
            password_policy,
            session_cookie_age,
            own_origins,
            stopping: AtomicBool::new(false),
        }
    }

    /// Whether pages of this origin may act with the user's cookies. It is never learnt from a
    /// request.
    #[must_use]
    pub fn knows_origin(&self, origin: &str) -> bool {
        let is_origin = |known: &String| known.eq_ignore_ascii_case(origin);
        self.own_origins.iter().any(is_origin) || self.config.client_origins.iter().any(is_origin)
    }

    /// Whether pages of this origin may read answers.
    #[must_use]
    pub fn may_read(&self, origin: &str) -> bool {
        self.config.client_origins.iter().any(|known| known == origin)
    }

    /// Says that the service is about to stop: it is not ready for more.
    pub fn begin_stopping(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    /// Whether the service is about to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}
