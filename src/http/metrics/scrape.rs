//! `GET /metrics`, in the Prometheus text format.

use actix_web::{HttpRequest, HttpResponse, web};
use prometheus::{Encoder, IntCounterVec, IntGauge, Opts, Registry, TextEncoder};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::config::Mode;
use crate::flows::Auth;
use crate::flows::error::AuthError;
use crate::flows::mail::Mail;
use crate::http::error::ApiError;
use crate::http::extract::bearer;
use crate::http::state::HttpState;

/// Get the metrics
///
/// Requires `METRICS_TOKEN` as bearer token; in development, only if it is set.
#[utoipa::path(
    get, path = "/metrics", tag = "Operations", operation_id = "getMetrics",
    responses((
        status = 200, description = "The metrics in the Prometheus text format.", body = String,
        content_type = "text/plain; version=0.0.4",
    )),
)]
pub async fn handle(
    auth: web::Data<Auth>,
    state: web::Data<HttpState>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    if !may_read(&state, bearer(request.headers())) {
        return Err(AuthError::NotAuthenticated.into());
    }
    let text = render(&auth, &state).map_err(|error| AuthError::Fault(error.into()))?;
    Ok(HttpResponse::Ok().content_type(prometheus::TEXT_FORMAT).body(text))
}

fn may_read(state: &HttpState, presented: Option<&str>) -> bool {
    let Some(token) = &state.metrics_token else {
        return state.mode == Mode::Development;
    };
    // Digests are compared, so that the time reveals nothing about the token.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    presented.is_some_and(|presented| digest(presented) == digest(token.expose_secret()))
}

/// What happened to mails.
fn mail_gauges(mail: &Mail) -> Vec<(&'static str, &'static str, u64)> {
    let counts = mail.counts();
    vec![
        ("twofold_mail_sent", "Mails handed over since the start.", counts.sent()),
        (
            "twofold_mail_failed",
            "Attempts to send a mail that failed, since the start.",
            counts.failed(),
        ),
        ("twofold_mail_given_up", "Mails given up since the start.", counts.given_up()),
        (
            "twofold_mail_waiting",
            "Jobs of the outbox that are due or are being retried.",
            counts.waiting(),
        ),
        ("twofold_mail_oldest_seconds", "Age of the oldest of these.", counts.oldest_age()),
        (
            "twofold_password_resets_dropped",
            "Requests for a link that resets a password, dropped because too many waited.",
            counts.resets_dropped(),
        ),
    ]
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

    let (reads, finds) = auth.account_reads();
    let gauges = [
        ("twofold_security_events_lost", "Events lost since the start.", auth.event_log().lost()),
        (
            "twofold_hashing_begun",
            "Passwords taken from the queue to be hashed, since the start.",
            auth.hashes_begun(),
        ),
        ("twofold_hashing_waiting", "Passwords that wait to be hashed.", auth.hashes_waiting()),
        ("twofold_account_reads", "Reads of an account by its id, since the start.", reads),
        ("twofold_account_finds", "Commands sent to the database for these reads.", finds),
        ("twofold_connections_open", "Open connections.", state.connections.count()),
        (
            "twofold_connections_refused",
            "Connections above MAX_CONNECTIONS since the start.",
            state.connections.refused(),
        ),
    ];
    let mail = auth.require_mail().map(mail_gauges).unwrap_or_default();
    for (name, help, value) in gauges.into_iter().chain(mail) {
        let gauge = IntGauge::new(name, help)?;
        gauge.set(i64::try_from(value).unwrap_or(i64::MAX));
        registry.register(Box::new(gauge))?;
    }
    let mut text = Vec::new();
    TextEncoder::new().encode(&registry.gather(), &mut text)?;
    Ok(text)
}
