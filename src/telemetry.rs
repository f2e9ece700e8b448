//! Logs: one line for each entry, JSON in production; and the export of traces. Types that hold secrets cannot be printed, so
//! no secret can be logged.

#[cfg(feature = "otlp")]
mod otlp;

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use crate::config::Mode;

/// The target of the framework's errors about malformed requests, with which anyone could fill the log.
/// The response to each of these requests is logged anyway.
const BROKEN_REQUESTS: &str = "actix_http::h1::dispatcher";

/// Starts logging to standard error.
///
/// # Errors
///
/// If the process already has a logger.
pub fn start(mode: Mode, filter: &str) -> Result<(), TryInitError> {
    let filter = EnvFilter::builder().parse_lossy(format!("{BROKEN_REQUESTS}=off,{filter}"));
    let registry = tracing_subscriber::registry().with(filter);
    match mode {
        Mode::Production => {
            let json = fmt::layer().json().flatten_event(true).with_span_list(false);
            registry.with(json.with_writer(std::io::stderr)).try_init()
        }
        Mode::Development => {
            let lines = fmt::layer().compact().with_ansi(std::io::stderr().is_terminal());
            registry.with(lines.with_writer(std::io::stderr)).try_init()
        }
    }
}

/// The export of traces while the service runs.
#[derive(Default)]
pub struct Traces {
    #[cfg(feature = "otlp")]
    exporting: Option<otlp::Exporting>,
}

impl Traces {
    /// Begins to send traces to the collector at this URL, if there is one. What fails is logged: a service without
    /// traces is better than none.
    #[must_use]
    pub fn start(collector: Option<&str>) -> Self {
        let Some(collector) = collector else {
            return Self::default();
        };
        #[cfg(feature = "otlp")]
        return Self { exporting: otlp::start(collector) };
        #[cfg(not(feature = "otlp"))]
        {
            tracing::warn!(collector, "this build sends no traces: it lacks the feature otlp");
            Self::default()
        }
    }

    /// Sends what was not sent yet. Blocks for a few seconds at most.
    pub fn finish(self) {
        #[cfg(feature = "otlp")]
        if let Some(exporting) = self.exporting {
            exporting.finish();
        }
    }
}
