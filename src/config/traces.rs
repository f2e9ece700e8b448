//! Where traces are sent.

use url::Url;

use super::reader::Reader;

const NAME: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";

/// The URL of a collector, without a slash at its end; `None` if no traces are sent. It is plain HTTP: the client has
/// no TLS, and a collector usually runs beside the service.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<String> {
    let text = reader.optional(NAME)?;
    let url = Url::parse(&text).ok().filter(|url| {
        let is_bare = url.username().is_empty() && url.password().is_none();
        let has_more = url.query().is_some() || url.fragment().is_some();
        url.scheme() == "http" && url.has_host() && is_bare && !has_more
    });
    if url.is_none() {
        reader.fault(
            NAME,
            "must be an http:// URL without a user name, such as http://127.0.0.1:4318",
        );
    }
    url.map(|url| url.as_str().trim_end_matches('/').to_owned())
}
