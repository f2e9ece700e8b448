//! `GET /metrics`: counters for the operator, in the Prometheus text format. No label says who.

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::extract::bearer;
use super::problem::ApiError;
use super::state::HttpState;
use crate::config::Mode;
use crate::flows::Auth;
use crate::flows::error::AuthError;

/// Upper bounds of the histogram's buckets, seconds: from a cached answer to a full hashing queue.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

/// What is counted of every request.
pub struct RequestMetrics {
    answered: IntCounterVec,
    seconds: HistogramVec,
}

impl RequestMetrics {
    /// Counters at zero.
    ///
    /// # Errors
    ///
    /// None that the names below cause.
    pub fn new() -> prometheus::Result<Self> {
        let answered =
            Opts::new("twofold_http_requests_total", "Requests, by method, route and status.");
        let seconds =
            HistogramOpts::new("twofold_http_request_seconds", "Time to an answer, by route.")
                .buckets(BUCKETS.to_vec());
        Ok(Self {
            answered: IntCounterVec::new(answered, &["method", "route", "status"])?,
            seconds: HistogramVec::new(seconds, &["route"])?,
        })
    }

    /// Counts an answer. Paths that are no route share one label.
    pub fn count(&self, method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
        let route = route.unwrap_or("none");
        let labels = [method_label(method), route, status.as_str()];
        self.answered.with_label_values(&labels).inc();
        self.seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }
}

/// A method's name for labels and logs. A client may send any method, as long as it likes; those share one name.
pub fn method_label(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::DELETE => method.as_str(),
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Answers whoever has the operator's token. In development there need not be one.
#[utoipa::path(
get, path = "/metrics", tag = "Operation", operation_id = "metrics",
    summary = "Counters for Prometheus",
    responses((status = 200, description = "The Prometheus text format", body = String, content_type = "text/plain; version=0.0.4")),
)]
pub async fn scrape(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    if !may_read(&state, bearer(request.headers())) {
        return Err(AuthError::NotAuthenticated.into());
    }
    let text = render(&auth, &state).map_err(|error| AuthError::Fault(error.to_string()))?;
    Ok(HttpResponse::Ok().content_type(prometheus::TEXT_FORMAT).body(text))
}

fn may_read(state: &HttpState, presented: Option<&str>) -> bool {
    let Some(token) = &state.metrics_token else {
        return state.mode == Mode::Development;
    };
    // Digests are compared, so that the time tells nothing of the token.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    presented.is_some_and(|presented| digest(presented) == digest(token.expose_secret()))
}

fn render(auth: &Auth, state: &HttpState) -> prometheus::Result<Vec<u8>> {
    let registry = Registry::new();
    registry.register(Box::new(state.metrics.answered.clone()))?;
    registry.register(Box::new(state.metrics.seconds.clone()))?;

    let events = Opts::new("twofold_security_events_total", "Security events, by kind.");
    let events = IntCounterVec::new(events, &["kind"])?;
    for (kind, count) in auth.event_log().counts() {
        events.with_label_values(&[kind]).inc_by(count);
    }
    registry.register(Box::new(events))?;

    let gauges = [
        ("twofold_security_events_lost", "Events lost since the start.", auth.event_log().lost()),
        ("twofold_hashing_waiting", "Passwords that wait to be hashed.", auth.hashes_waiting()),
        ("twofold_connections_open", "Open connections.", state.connections.count()),
        (
            "twofold_connections_refused",
            "Connections above MAX_CONNECTIONS since the start.",
            state.connections.refused(),
        ),
    ];
    for (name, help, value) in gauges {
        let gauge = IntGauge::new(name, help)?;
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(Box::new(gauge))?;
    }
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text)?;
    Ok(text)
}
