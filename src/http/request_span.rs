//! The span of a request: its place in the caller's trace and, in a build with the feature `otlp`, what is exported.

use actix_web::http::header::HeaderMap;
use tracing::field::{DisplayValue, display};

use super::trace_context::{TraceId, TraceParent};

/// What a span says about its request. Nothing that a client chooses freely, except the request id.
#[cfg(feature = "otlp")]
pub struct Answered<'a> {
    /// The name of the method.
    pub method: &'a str,
    /// The template of the route, if there is one.
    pub route: Option<&'a str>,
    /// The status.
    pub status: u16,
    /// The code of the problem, if the response is one.
    pub code: Option<&'static str>,
    /// The request's id.
    pub request_id: &'a str,
}

/// What identifies a request in the log.
#[derive(Clone, Copy)]
pub struct Ids<'a> {
    /// The request's id.
    pub request: &'a str,
    /// The id of its trace, if it has one.
    pub trace: Option<TraceId>,
}

impl Ids<'_> {
    /// The trace's id as the field of a log line, which lacks it if there is none.
    pub fn trace(&self) -> Option<DisplayValue<TraceId>> {
        self.trace.map(display)
    }
}

/// The span of a request.
#[cfg(not(feature = "otlp"))]
pub struct RequestSpan(Option<TraceParent>);

#[cfg(not(feature = "otlp"))]
impl RequestSpan {
    /// Begins the span of a request with these headers.
    pub fn begin(headers: &HeaderMap) -> Self {
        Self(TraceParent::of(headers))
    }

    /// The id of its trace, if it has one.
    pub fn trace(&self) -> Option<TraceId> {
        self.0.as_ref().map(|parent| parent.trace)
    }
}

#[cfg(feature = "otlp")]
pub use exported::RequestSpan;

#[cfg(feature = "otlp")]
mod exported {
    use opentelemetry::global::{self, BoxedSpan};
    use opentelemetry::trace::{
        Span, SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags,
        TraceId as OtlpTraceId, TraceState, Tracer,
    };
    use opentelemetry::{Context, KeyValue};

    use super::{Answered, HeaderMap, TraceId, TraceParent};

    /// The span of a request.
    pub struct RequestSpan {
        parent: Option<TraceParent>,
        span: BoxedSpan,
    }

    impl RequestSpan {
        /// Begins the span of a request with these headers.
        pub fn begin(headers: &HeaderMap) -> Self {
            let parent = TraceParent::of(headers);
            let tracer = global::tracer("twofold");
            let builder = tracer.span_builder("HTTP").with_kind(SpanKind::Server);
            let context = parent.map_or_else(Context::new, |parent| {
                Context::new().with_remote_span_context(remote(&parent))
            });
            Self { parent, span: builder.start_with_context(&tracer, &context) }
        }

        /// The id of its trace, if it has one.
        pub fn trace(&self) -> Option<TraceId> {
            let own = u128::from_be_bytes(self.span.span_context().trace_id().to_bytes());
            TraceId::of(own).or(self.parent.map(|parent| parent.trace))
        }

        /// Ends the span. One that is dropped before, because its client left, ends without a status.
        pub fn end(mut self, answered: &Answered<'_>) {
            let Answered { method, route, status, code, request_id } = *answered;
            if !self.span.is_recording() {
                return;
            }
            self.span.update_name(match route {
                Some(route) => format!("{method} {route}"),
                None => method.to_owned(),
            });
            self.span.set_attribute(KeyValue::new("http.request.method", method.to_owned()));
            self.span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
            self.span.set_attribute(KeyValue::new("twofold.request_id", request_id.to_owned()));
            if let Some(route) = route {
                self.span.set_attribute(KeyValue::new("http.route", route.to_owned()));
            }
            if let Some(code) = code {
                self.span.set_attribute(KeyValue::new("error.type", code));
            }
            if status >= 500 {
                self.span.set_status(Status::error(code.unwrap_or_default()));
            }
            self.span.end();
        }
    }

    fn remote(parent: &TraceParent) -> SpanContext {
        let flags = if parent.is_sampled { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
        let trace = OtlpTraceId::from_bytes(parent.trace.number().to_be_bytes());
        let span = SpanId::from_bytes(parent.span.get().to_be_bytes());
        SpanContext::new(trace, span, flags, true, TraceState::default())
    }
}
