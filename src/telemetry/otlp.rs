//! Sends spans to an `OpenTelemetry` collector by OTLP over HTTP, in batches, on a thread of its own.
//!
//! The variables of the `OpenTelemetry` specification apply to what has no setting here, such as
//! `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_TRACES_SAMPLER` and `OTEL_BSP_SCHEDULE_DELAY`.

use std::time::Duration;

use opentelemetry::{Key, global};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;

/// A running export.
pub(super) struct Exporting(SdkTracerProvider);

/// How long a stop waits for the collector.
const STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Begins to export spans to the collector at this URL.
pub(super) fn start(collector: &str) -> Option<Exporting> {
    let provider = provider(collector).inspect_err(log_failure).ok()?;
    global::set_tracer_provider(provider.clone());
    tracing::info!(collector, "traces are sent");
    Some(Exporting(provider))
}

fn log_failure(error: &ExporterBuildError) {
    tracing::error!(cause = %error, "no traces are sent");
}

fn provider(collector: &str) -> Result<SdkTracerProvider, ExporterBuildError> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{collector}/v1/traces"))
        .build()?;
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource()).build())
}

/// What sends the spans: the operator's name for it, or `twofold`.
fn resource() -> Resource {
    let given = Resource::builder().build();
    let name = given.get(&Key::from_static_str("service.name"));
    let is_named = name.is_some_and(|name| !name.as_str().starts_with("unknown_service"));
    if is_named { given } else { Resource::builder().with_service_name("twofold").build() }
}

impl Exporting {
    /// Sends what was not sent yet.
    pub(super) fn finish(self) {
        if let Err(error) = self.0.shutdown_with_timeout(STOP_TIMEOUT) {
            tracing::warn!(cause = %error, "the last traces were not sent");
        }
    }
}
