//! The HTTP server's settings.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::Mode;
use super::entries::entries;
use super::reader::Reader;

/// The HTTP server's settings.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Origins whose pages may call the API with cookies, as browsers write them.
    pub client_origins: Vec<String>,
    /// The service's own origin; `None` for the default in development.
    pub public_origin: Option<String>,
    /// Networks of trusted proxies.
    pub trusted_proxies: Vec<IpNet>,
    /// The header that the trusted proxies set.
    pub proxy_header: ProxyHeader,
    /// The maximum number of open connections; `None` for as many as file descriptors allow.
    pub max_connections: Option<usize>,
    /// A request's head must arrive within this, from its first byte.
    pub head_timeout: Duration,
    /// An idle connection is closed after this.
    pub keep_alive: Duration,
    /// A client that accepts nothing of a response for this long is disconnected.
    pub write_timeout: Duration,
    /// A request's body must arrive within this.
    pub body_timeout: Duration,
    /// How long requests are still accepted when the service stops; zero for not at all.
    pub shutdown_drain: Duration,
    /// The time for requests in progress to finish after that.
    pub shutdown_timeout: Duration,
}

/// The header that contains the client's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyHeader {
    /// `X-Forwarded-For`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl HttpConfig {
    pub(super) fn read(reader: &mut Reader<'_>, mode: Mode) -> Self {
        let host = reader.text("HOST").parse().unwrap_or_else(|_| {
            reader.fault("HOST", "must be an IP address, such as 127.0.0.1 or 0.0.0.0");
            IpAddr::from([127, 0, 0, 1])
        });
        Self {
            host,
            port: reader.number("PORT", 0..=u16::MAX).unwrap_or_default(),
            client_origins: client_origins(reader),
            public_origin: public_origin(reader),
            trusted_proxies: trusted_proxies(reader),
            proxy_header: reader.choice(
                "PROXY_HEADER",
                &[
                    ("x-forwarded-for", ProxyHeader::XForwardedFor),
                    ("forwarded", ProxyHeader::Forwarded),
                ],
            ),
            max_connections: reader.number("MAX_CONNECTIONS", 1..=1_000_000),
            head_timeout: reader.duration("HEAD_TIMEOUT").to_std().unwrap_or_default(),
            keep_alive: reader.duration("KEEP_ALIVE").to_std().unwrap_or_default(),
            write_timeout: reader.duration("WRITE_TIMEOUT").to_std().unwrap_or_default(),
            body_timeout: reader.duration("BODY_TIMEOUT").to_std().unwrap_or_default(),
            shutdown_drain: shutdown_drain(reader, mode),
            shutdown_timeout: reader.duration("SHUTDOWN_TIMEOUT").to_std().unwrap_or_default(),
        }
    }
}

/// In development, Ctrl-C ends the service at once.
fn shutdown_drain(reader: &mut Reader<'_>, mode: Mode) -> Duration {
    match (reader.optional("SHUTDOWN_DRAIN"), mode) {
        (Some(_), _) => reader.duration_or_zero("SHUTDOWN_DRAIN").to_std().unwrap_or_default(),
        (None, Mode::Production) => Duration::from_secs(5),
        (None, Mode::Development) => Duration::ZERO,
    }
}

fn client_origins(reader: &mut Reader<'_>) -> Vec<String> {
    let text = reader.text("CLIENT_ORIGIN");
    let mut origins = Vec::new();
    for entry in entries(&text) {
        match origin(entry) {
            Some(origin) => origins.push(origin),
            None => reader.fault(
                "CLIENT_ORIGIN",
                "must be origins such as https://app.example.com, comma-separated, without wildcards: \
                 their pages act with the user's cookies",
            ),
        }
    }
    origins
}

fn public_origin(reader: &mut Reader<'_>) -> Option<String> {
    let text = reader.optional("PUBLIC_ORIGIN")?;
    let origin = origin(&text);
    if origin.is_none() {
        reader.fault("PUBLIC_ORIGIN", "must be an origin such as https://auth.example.com");
    }
    origin
}

fn trusted_proxies(reader: &mut Reader<'_>) -> Vec<IpNet> {
    let text = reader.text("TRUSTED_PROXIES");
    let mut networks = Vec::new();
    for entry in entries(&text) {
        let network = entry.parse().or_else(|_| entry.parse::<IpAddr>().map(IpNet::from));
        match network {
            Ok(network) => networks.push(network),
            Err(_) => reader.fault(
                "TRUSTED_PROXIES",
                "must be addresses or networks such as 10.0.0.0/8, comma-separated",
            ),
        }
    }
    networks
}

/// An origin as browsers write it: scheme, host in lower case, port unless it is the scheme's own.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let is_http = matches!(url.scheme(), "http" | "https");
    (is_bare && is_http && url.has_host()).then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Environment;

    #[test]
    fn the_drain_is_five_seconds_in_production_and_off_in_development_unless_it_is_set() {
        let drain = |mode, settings: &[(&str, &str)]| {
            let pairs = settings.iter().map(|(name, value)| (*name, *value));
            let environment = Environment::from_pairs(pairs);
            HttpConfig::read(&mut Reader::new(&environment), mode).shutdown_drain
        };
        assert_eq!(drain(Mode::Production, &[]), Duration::from_secs(5));
        assert_eq!(drain(Mode::Development, &[]), Duration::ZERO);
        for mode in [Mode::Production, Mode::Development] {
            assert_eq!(drain(mode, &[("SHUTDOWN_DRAIN", "0")]), Duration::ZERO);
            assert_eq!(drain(mode, &[("SHUTDOWN_DRAIN", "7")]), Duration::from_secs(7));
        }
    }

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        assert_eq!(origin("http://LocalHost:3000/").as_deref(), Some("http://localhost:3000"));
        assert_eq!(
            origin("https://app.example.com:443").as_deref(),
            Some("https://app.example.com")
        );
        for wrong in
            ["*", "null", "localhost:3000", "https://a.example/path", "ftp://a.example", ""]
        {
            assert_eq!(origin(wrong), None, "{wrong}");
        }
    }
}
