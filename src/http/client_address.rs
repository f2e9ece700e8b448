//! The client's address, with or without proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::state::HttpState;
use crate::config::{HttpConfig, ProxyHeader};
use crate::domain::client::Client;

/// The client of a request.
pub fn client(request: &HttpRequest, state: &HttpState) -> Client {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let address = address(peer, request.headers(), &state.config);
    let user_agent = request.headers().get(header::USER_AGENT);
    let user_agent = user_agent.map(|value| String::from_utf8_lossy(value.as_bytes()));
    Client::new(address, &user_agent.unwrap_or_default())
}

/// The socket's address; if that is a trusted proxy, the address that the proxy saw, and so on from the
/// nearest proxy outwards. What a client writes into the header itself is never reached.
pub(super) fn address(peer: IpAddr, headers: &HeaderMap, config: &HttpConfig) -> IpAddr {
    let is_trusted = |address: IpAddr| {
        let address = address.to_canonical();
        config.trusted_proxies.iter().any(|network| network.contains(&address))
    };
    let mut nearest = peer;
    for seen in forwarded(headers, config.proxy_header) {
        if !is_trusted(nearest) {
            break;
        }
        match seen {
            Some(address) => nearest = address,
            None => break,
        }
    }
    nearest.to_canonical()
}

type ReadElement = fn(&[u8]) -> Option<IpAddr>;

/// The addresses that proxies saw, the nearest first; `None` for one that cannot be read.
fn forwarded(headers: &HeaderMap, written_by_proxies: ProxyHeader) -> Vec<Option<IpAddr>> {
    let (name, read): (HeaderName, ReadElement) = match written_by_proxies {
        ProxyHeader::XForwardedFor => (header::X_FORWARDED_FOR, node_address),
        ProxyHeader::Forwarded => (header::FORWARDED, forwarded_for),
    };
    let lines: Vec<&[u8]> = headers.get_all(name).map(HeaderValue::as_bytes).collect();
    lines.into_iter().rev().flat_map(|line| split_from_end(line, b',')).map(read).collect()
}

/// Splits at the separators outside quoted strings, the last piece first. A client's own bytes come before
/// those that proxies append, so nothing it writes, such as one quote too many, changes a later piece.
fn split_from_end(line: &[u8], separator: u8) -> Vec<&[u8]> {
    let (mut pieces, mut end, mut is_quoted) = (Vec::new(), line.len(), false);
    for (at, byte) in line.iter().enumerate().rev() {
        let (before, from_here) = line.split_at_checked(at).unwrap_or_default();
        if *byte == b'"' {
            let escapes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
            is_quoted ^= escapes % 2 == 0;
        } else if *byte == separator && !is_quoted {
            pieces.push(from_here.get(1..end - at).unwrap_or_default());
            end = at;
        }
    }
    pieces.push(line.get(..end).unwrap_or_default());
    pieces
}

/// The address in the `for` parameter of an element of `Forwarded` (RFC 7239, section 4).
fn forwarded_for(element: &[u8]) -> Option<IpAddr> {
    split_from_end(element, b';').into_iter().find_map(|pair| {
        let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
        let is_for = name.trim_ascii().eq_ignore_ascii_case("for");
        is_for.then(|| node_address(value.trim_ascii().trim_matches('"').as_bytes()))
    })?
}

/// An address with or without a port, an IPv6 one in brackets or not (RFC 7239, section 6).
fn node_address(node: &[u8]) -> Option<IpAddr> {
    let node = std::str::from_utf8(node).ok()?.trim_ascii();
    let bare = || node.parse::<IpAddr>().ok();
    let with_port = || node.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || node.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    bare().or_else(with_port).or_else(in_brackets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Environment};

    fn seen(peer: &str, header: ProxyHeader, lines: &[&str]) -> String {
        let environment = Environment::from_pairs([
            ("APP_ENV", "development"),
            ("DATABASE_URL", "mongodb://localhost"),
            ("MONGO_INITDB_DATABASE", "twofold"),
            ("SEALING_KEYS", "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1, fd00::/8"),
        ]);
        let mut config = Config::from_environment(&environment).unwrap().http;
        config.proxy_header = header;
        let name = match header {
            ProxyHeader::XForwardedFor => header::X_FORWARDED_FOR,
            ProxyHeader::Forwarded => header::FORWARDED,
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name.clone(), HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        address(peer.parse().unwrap(), &headers, &config).to_string()
    }

    #[test]
    fn a_stranger_s_word_on_its_address_does_not_count() {
        let from = |peer, lines: &[&str]| seen(peer, ProxyHeader::XForwardedFor, lines);
        assert_eq!(from("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(from("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &["9.9.9.9, 198.51.100.1, 10.1.2.3"]), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &["9.9.9.9", "198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(from("::ffff:127.0.0.1", &["[2001:db8::7]:80"]), "2001:db8::7");
        assert_eq!(from("127.0.0.1", &["198.51.100.1, nonsense"]), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &["198.51.100.1, nonsense, 10.1.2.3"]), "10.1.2.3");
    }

    #[test]
    fn forwarded_is_read_where_the_proxies_write_it() {
        let from = |peer, lines: &[&str]| seen(peer, ProxyHeader::Forwarded, lines);
        assert_eq!(from("127.0.0.1", &["for=198.51.100.1;proto=https"]), "198.51.100.1");
        assert_eq!(from("fd00::1", &["for=9.9.9.9, For=\"[2001:db8::7]:4711\""]), "2001:db8::7");
        assert_eq!(from("127.0.0.1", &["for=unknown"]), "127.0.0.1");
        assert_eq!(from("203.0.113.9", &["for=198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn an_element_that_is_not_ascii_does_not_hide_those_of_the_proxies() {
        let x_forwarded_for = |line: &str| seen("127.0.0.1", ProxyHeader::XForwardedFor, &[line]);
        assert_eq!(x_forwarded_for("\u{e9}, 198.51.100.1"), "198.51.100.1");
        assert_eq!(x_forwarded_for("198.51.100.1\u{a0}"), "127.0.0.1");
        let forwarded = |line: &str| seen("127.0.0.1", ProxyHeader::Forwarded, &[line]);
        assert_eq!(forwarded("for=\u{e9}, for=198.51.100.1"), "198.51.100.1");
        assert_eq!(forwarded("host=\u{e9};for=198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn what_a_client_puts_into_quotes_is_no_address() {
        let forwarded = |line: &str| seen("127.0.0.1", ProxyHeader::Forwarded, &[line]);
        for host in ["a,for=9.9.9.9", "a;for=9.9.9.9", r#"a\",for=9.9.9.9,\"b"#] {
            let quoted = format!("for=198.51.100.1;host=\"{host}\"");
            assert_eq!(forwarded(&quoted), "198.51.100.1", "{quoted}");
            let first = format!("host=\"{host}\";for=198.51.100.1");
            assert_eq!(forwarded(&first), "198.51.100.1", "{first}");
        }
        for unbalanced in ["for=\"9.9.9.9", "\"", r#"for="\"#] {
            let line = format!("{unbalanced}, for=198.51.100.1");
            assert_eq!(forwarded(&line), "198.51.100.1", "{line}");
        }
    }
}
