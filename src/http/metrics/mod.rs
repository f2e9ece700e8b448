//! Metrics of requests. No label names a person.

pub mod scrape;

use std::time::Duration;

use actix_web::http::{Method, StatusCode};
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts};

/// Upper bounds of the histogram's buckets, seconds: from a cached response to a full hashing queue.
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
    /// Internal errors only.
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

    /// Counts a response. Paths without a route share one label.
    pub fn count(&self, method: &Method, route: Option<&str>, status: StatusCode, took: Duration) {
        let route = route.unwrap_or("none");
        let labels = [method_label(method), route, status.as_str()];
        self.answered.with_label_values(&labels).inc();
        self.seconds.with_label_values(&[route]).observe(took.as_secs_f64());
    }
}

/// A method's name for labels and logs. A client may invent methods of any length, so unknown ones
/// share one name.
pub fn method_label(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::DELETE => method.as_str(),
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
