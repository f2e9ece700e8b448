//! Checking a connection string, with messages that don't contain any part of it.
//!
//! The driver's messages quote the string, which may include parts of a password that is not
//! percent-encoded. So the driver only decides whether a string is valid, and this module finds the reason.
//! Messages consist of constants, positions and the names of known options.

use std::future::IntoFuture;

use futures_util::FutureExt;
use mongodb::error::{Error, ErrorKind};
use mongodb::options::{ClientOptions, ConnectionString, ServerAddress};

/// What is wrong with a connection string; the text never contains a part of the string.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadUrl {
    /// Another scheme, or none.
    #[error("must begin with mongodb:// or mongodb+srv://")]
    Scheme,
    /// The user name or password contains a reserved character.
    #[error(
        "must have its user name and password percent-encoded: % as %25, @ as %40, : as %3A, \
         / as %2F, ? as %3F, # as %23, [ as %5B, ] as %5D (an @ in an option, too)"
    )]
    Credentials,
    /// A host is missing.
    #[error("must name a host (host number {0} is empty)")]
    NoHost(usize),
    /// A host name is invalid.
    #[error(
        "must have valid host names, and a percent-encoded user name and password (host number {0} is not valid)"
    )]
    Host(usize),
    /// A port is invalid.
    #[error(
        "must have ports from 1 to 65535, and a percent-encoded user name and password (the port of host number {0} is not valid)"
    )]
    Port(usize),
    /// `mongodb+srv` requires exactly one host name, without a port.
    #[error("must name exactly one host, without a port, after mongodb+srv://")]
    SrvHost,
    /// The part between the hosts and the options is invalid.
    #[error("must have a valid database name after its hosts, and a user name where it has an @")]
    Database,
    /// An option without a value.
    #[error("must have options of the form NAME=VALUE (option number {0} after the ? is not)")]
    NotAPair(usize),
    /// An unknown option.
    #[error("has an unknown option (number {0} after the ?)")]
    UnknownOption(usize),
    /// An option is invalid, repeated, or contradicts another part.
    #[error(
        "has an option that cannot be used: {0} has an invalid value, appears twice, is not supported, or contradicts another part"
    )]
    Option(&'static str),
    /// A `mongodb+srv` host name cannot be resolved.
    #[error("names a host that could not be resolved")]
    Unresolved,
    /// Any other reason.
    #[error("is not accepted by the MongoDB driver")]
    Refused,
}

impl BadUrl {
    /// What the driver reports about a string that passed the check, after it used the network.
    pub(super) fn of(error: &Error) -> Self {
        match error.kind.as_ref() {
            ErrorKind::DnsResolve { .. } => Self::Unresolved,
            _ => Self::Refused,
        }
    }
}

/// The options of connection strings, as the MongoDB manual writes them.
const OPTIONS: &[&str] = &[
    "appName",
    "authMechanism",
    "authMechanismProperties",
    "authSource",
    "compressors",
    "connectTimeoutMS",
    "directConnection",
    "heartbeatFrequencyMS",
    "journal",
    "loadBalanced",
    "localThresholdMS",
    "maxConnecting",
    "maxIdleTimeMS",
    "maxPoolSize",
    "maxStalenessSeconds",
    "minPoolSize",
    "proxyHost",
    "proxyPassword",
    "proxyPort",
    "proxyUsername",
    "readConcernLevel",
    "readPreference",
    "readPreferenceTags",
    "replicaSet",
    "retryReads",
    "retryWrites",
    "serverMonitoringMode",
    "serverSelectionTimeoutMS",
    "socketTimeoutMS",
    "srvMaxHosts",
    "srvServiceName",
    "ssl",
    "tls",
    "tlsAllowInvalidCertificates",
    "tlsAllowInvalidHostnames",
    "tlsCAFile",
    "tlsCertificateKeyFile",
    "tlsCertificateKeyFilePassword",
    "tlsInsecure",
    "uuidRepresentation",
    "w",
    "waitQueueTimeoutMS",
    "wTimeoutMS",
    "zlibCompressionLevel",
];

/// Checks a connection string, without network access.
pub fn check(url: &str) -> Result<(), BadUrl> {
    let is_srv = url.starts_with("mongodb+srv://");
    let rest = ["mongodb://", "mongodb+srv://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let rest = rest.ok_or(BadUrl::Scheme)?;
    let (address, options) = rest.split_once('?').unwrap_or((rest, ""));
    // An @ after the first ? probably ends the credentials, and the ? is part of a password.
    if options.contains('@') {
        return Err(BadUrl::Credentials);
    }
    let (credentials, hosts) = address.rsplit_once('@').unwrap_or(("", address));
    // Before the driver parses them, because it panics on some and quotes them.
    check_credentials(credentials)?;
    let hosts = hosts.split_once('/').map_or(hosts, |(hosts, _database)| hosts);
    check_hosts(hosts, is_srv)?;
    let pairs: Vec<&str> = options.split('&').filter(|_| !options.is_empty()).collect();
    if let Some(at) = pairs.iter().position(|pair| !pair.contains('=')) {
        return Err(BadUrl::NotAPair(at + 1));
    }
    let base = url.split_once('?').map_or(url, |(base, _)| base);
    check_options(base, &pairs)
}

fn check_credentials(text: &str) -> Result<(), BadUrl> {
    let (name, password) = text.split_once(':').unwrap_or((text, ""));
    let is_encoded = |part: &str| {
        let escapes = part.split('%').skip(1);
        let mut starts = escapes.map(|escape| escape.bytes().take(2));
        starts.all(|start| start.filter(u8::is_ascii_hexdigit).count() == 2)
            && !part.contains([':', '/', '?', '#', '[', ']', '@'])
    };
    if is_encoded(name) && is_encoded(password) { Ok(()) } else { Err(BadUrl::Credentials) }
}

fn check_hosts(hosts: &str, is_srv: bool) -> Result<(), BadUrl> {
    for (at, host) in hosts.split(',').enumerate() {
        let without_port = match host.rsplit_once(':') {
            Some((name, _port)) if !host.ends_with(']') => name,
            _ => host,
        };
        if without_port.is_empty() {
            return Err(BadUrl::NoHost(at + 1));
        }
        match (ServerAddress::parse(host), ServerAddress::parse(without_port)) {
            (Ok(ServerAddress::Tcp { port: None, .. }), _) if !hosts.contains(',') => {}
            (Ok(_), _) if !is_srv => {}
            (Ok(_), _) => return Err(BadUrl::SrvHost),
            (Err(_), Ok(_)) => return Err(BadUrl::Port(at + 1)),
            (Err(_), Err(_)) => return Err(BadUrl::Host(at + 1)),
        }
    }
    Ok(())
}

/// Lets the driver check the whole string and, if it is refused, finds the invalid option.
fn check_options(base: &str, pairs: &[&str]) -> Result<(), BadUrl> {
    let is_refused = |pairs: &[&str]| is_refused(&format!("{base}?{}", pairs.join("&")));
    if !is_refused(pairs) {
        return Ok(());
    }
    if is_refused(&[]) {
        return Err(BadUrl::Database);
    }
    let without = |skipped: usize| -> Vec<&str> {
        let others = pairs.iter().enumerate().filter(|(at, _)| *at != skipped);
        others.map(|(_, pair)| *pair).collect()
    };
    // A single fault: the string is valid without it. Several: the string is valid up to the first one.
    let alone = (0..pairs.len()).find(|at| !is_refused(&without(*at)));
    let first = || (0..pairs.len()).find(|at| pairs.get(..=*at).is_some_and(is_refused));
    let Some((at, pair)) = alone.or_else(first).and_then(|at| Some((at, pairs.get(at)?))) else {
        return Err(BadUrl::Refused);
    };
    let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
    let known = OPTIONS.iter().find(|known| known.eq_ignore_ascii_case(name));
    Err(known.map_or(BadUrl::UnknownOption(at + 1), |known| BadUrl::Option(known)))
}

fn is_refused(url: &str) -> bool {
    // For mongodb+srv, further checks would need DNS.
    if url.starts_with("mongodb+srv://") {
        return ConnectionString::parse(url).is_err();
    }
    let parsed = ClientOptions::parse(url).into_future().now_or_never();
    parsed.is_some_and(|parsed| parsed.is_err())
}
