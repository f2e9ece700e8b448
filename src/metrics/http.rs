//! Metrics of requests and connections.

use std::time::Duration;

use prometheus::{HistogramVec, IntCounter, IntCounterVec, IntGauge, Result};

use super::define::Define;

/// Upper bounds of the buckets, seconds: from a cached response to a full hashing queue.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];

/// Metrics of requests and connections.
#[derive(Clone)]
pub struct HttpMetrics {
    requests: IntCounterVec,
    seconds: HistogramVec,
    in_flight: IntGauge,
    /// Open connections.
    pub connections_open: IntGauge,
    /// Connections above the limit.
    pub connections_refused: IntCounter,
}

/// A request being handled; dropping it ends that, also if its client disconnects.
pub struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl HttpMetrics {
    pub(super) fn new(define: Define<'_>) -> Result<Self> {
        let seconds = (
            "twofold_http_request_duration_seconds",
            "Time from a request's arrival to its response, by route and class of the status.",
        );
        Ok(Self {
            requests: define.counters(
                "twofold_http_requests_total",
                "Requests, by method, route and status.",
                &["method", "route", "status"],
            )?,
            seconds: define.histograms(seconds, &["route", "class"], &BUCKETS)?,
            in_flight: define
                .gauge("twofold_http_requests_in_flight", "Requests being handled.")?,
            connections_open: define.gauge("twofold_connections_open", "Open connections.")?,
            connections_refused: define.counter(
                "twofold_connections_refused_total",
                "Connections refused because of MAX_CONNECTIONS.",
            )?,
        })
    }

    /// Counts a request until the guard is dropped.
    #[must_use]
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts a response, by the names of its method and its route, and its status of three digits.
    pub fn answered(&self, method: &str, route: &str, status: &str, took: Duration) {
        self.requests.with_label_values(&[method, route, status]).inc();
        self.seconds.with_label_values(&[route, class(status)]).observe(took.as_secs_f64());
    }
}

fn class(status: &str) -> &'static str {
    match status.as_bytes().first() {
        Some(b'1') => "1xx",
        Some(b'2') => "2xx",
        Some(b'3') => "3xx",
        Some(b'4') => "4xx",
        _ => "5xx",
    }
}
