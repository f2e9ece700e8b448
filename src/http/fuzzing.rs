//! What must hold for any bytes that a client sends. For `make fuzz`.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use data_encoding::BASE64;
use serde_json::{Map, Value};

use super::basic::credentials;
use super::client_address;
use super::cookie_header;
use super::error::ApiError;
use super::extract::json_object;
use super::state::HttpState;
use super::wire_answer;
use crate::config::{Config, Environment, ProxyHeader};
use crate::domain::email::EmailAddress;
use crate::domain::password::Password;
use crate::metrics::Metrics;

const NAMES: [&str; 4] =
    ["twofold_session", "twofold_login", "__Host-twofold_session", "__Host-twofold_login"];

/// Lines that are valid header values, each for a separate header.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    bytes.split(|byte| *byte == b'\n').filter(|line| HeaderValue::from_bytes(line).is_ok())
}

fn headers(name: &HeaderName, lines: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for value in lines.iter().filter_map(|line| HeaderValue::from_bytes(line).ok()) {
        headers.append(name.clone(), value);
    }
    headers
}

/// Reads lines as `Cookie` headers: a cookie that is found lies in one of them behind its exact name, which
/// occurs nowhere else.
pub fn cookies(bytes: &[u8]) {
    for name in NAMES {
        let pairs = || lines(bytes).flat_map(|line| line.split(|byte| *byte == b';'));
        let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t');
        let named = pairs().filter(|pair| {
            let start = pair.iter().take_while(is_space).count();
            let rest = pair[start..].strip_prefix(name.as_bytes()).unwrap_or_default();
            rest.iter().find(|byte| !is_space(byte)) == Some(&b'=')
        });
        let named: Vec<&[u8]> = named.collect();
        let Some(value) = cookie_header::value(lines(bytes), name) else {
            let is_text = named.first().is_some_and(|pair| {
                let value = pair.splitn(2, |byte| *byte == b'=').nth(1);
                std::str::from_utf8(value.unwrap_or_default()).is_ok()
            });
            assert!(named.len() != 1 || !is_text, "{name} is there once and not found");
            continue;
        };
        assert!(named.len() == 1, "{name} is found among {}", named.len());
        let (pair, value) = (named[0].as_ptr_range(), value.as_bytes().as_ptr_range());
        assert!(pair.start <= value.start && value.end <= pair.end, "{name} lies elsewhere");
    }
}

fn settings() -> Config {
    let environment = Environment::from_pairs([
        ("APP_ENV", "development"),
        ("CLIENT_ORIGIN", "http://localhost:3000,https://app.example.com"),
        ("DATABASE_URL", "mongodb://localhost"),
        ("MONGO_INITDB_DATABASE", "twofold"),
        ("SEALING_KEYS", "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        ("TRUSTED_PROXIES", "10.0.0.0/8, 127.0.0.1, fd00::/8"),
    ]);
    match Config::from_environment(&environment) {
        Ok(config) => config,
        Err(faults) => panic!("{faults}"),
    }
}

static CONFIG: LazyLock<Config> = LazyLock::new(settings);

/// Reads lines as the header that proxies set; it is ignored if the client is not a proxy.
pub fn forwarded(bytes: &[u8]) {
    let stranger = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
    let proxy = IpAddr::V4(Ipv4Addr::new(10, 1, 2, 3));
    for (name, said, proxy_header) in [
        (header::X_FORWARDED_FOR, "198.51.100.77", ProxyHeader::XForwardedFor),
        (header::FORWARDED, "for=198.51.100.77", ProxyHeader::Forwarded),
    ] {
        let mut config = CONFIG.http.clone();
        config.proxy_header = proxy_header;
        let lines: Vec<&[u8]> = lines(bytes).collect();
        let address =
            |peer, lines: &[&[u8]]| client_address::address(peer, &headers(&name, lines), &config);
        let is_trusted = |address| config.trusted_proxies.iter().any(|net| net.contains(&address));
        assert!(address(stranger, &lines) == stranger, "a stranger is believed");

        let seen = address(proxy, &lines);
        assert!(seen == seen.to_canonical());
        let Some(last) = lines.last() else { continue };
        if !is_trusted(seen) {
            // What a client sends before its proxies add their parts changes nothing.
            let before = [&[said.as_bytes()], lines.as_slice()].concat();
            assert!(address(proxy, &before) == seen, "a client chooses its address by a line");
            // Proxies close the quotes that they open; only a client's own element may have one too many.
            if !lines[0].contains(&b'"') {
                let joined = [said.as_bytes(), b", ", lines[0]].concat();
                let before = [&[joined.as_slice()], &lines[1..]].concat();
                assert!(address(proxy, &before) == seen, "a client chooses its address");
            }
        }
        // What the nearest proxy appends is used, whatever a client wrote.
        let after = [last, b", ".as_slice(), said.as_bytes()].concat();
        let mut proxied = lines.clone();
        proxied.pop();
        proxied.push(&after);
        assert!(address(proxy, &proxied).to_string() == "198.51.100.77", "a proxy is overruled");
    }
}

/// Reads bytes as an `Authorization` header, and as the credentials in one.
pub fn basic(bytes: &[u8]) {
    let read = |line: &[u8]| credentials::basic(&headers(&header::AUTHORIZATION, &[line]));
    let encoded = [b"Basic ", BASE64.encode(bytes).as_bytes()].concat();
    let text = std::str::from_utf8(bytes).ok();
    let expected = text.and_then(|text| text.split_once(':')).and_then(|(email, password)| {
        Some((EmailAddress::parse(email).ok()?, Password::parse(password).ok()?))
    });
    for line in [bytes, &encoded] {
        let Some(login) = read(line) else {
            assert!(line == bytes || expected.is_none(), "fit credentials are not read");
            continue;
        };
        let (email, password) = (login.email.as_str(), login.password.expose());
        assert!(email.is_ascii() && !email.contains(':') && email.trim() == email);
        assert!(EmailAddress::parse(email).is_ok_and(|again| again == login.email));
        let credentials = [email.as_bytes(), b":", password].concat();
        let again = read(format!("bAsIc {}", BASE64.encode(&credentials)).as_bytes());
        assert!(again.is_some_and(|again| again.password.expose() == password));
    }
}

/// Reads bytes as a JSON object: what is read is what any other reader finds, and no key occurs twice.
pub fn json(bytes: &[u8]) {
    let plain = serde_json::from_slice::<Value>(bytes);
    let object = match json_object::parse(bytes) {
        Ok(object) => object,
        Err(ApiError::UnfitJson(_)) => {
            return assert!(std::str::from_utf8(bytes).is_ok(), "unfit, and no text");
        }
        Err(_) => return assert!(!matches!(plain, Ok(Value::Object(_))), "an object is malformed"),
    };
    assert!(
        plain.is_ok_and(|plain| plain == Value::Object(object.clone())),
        "it is read in two ways"
    );
    let written = Value::Object(object.clone()).to_string();
    // Not the values: of a number with many digits the last one may differ.
    let again = json_object::parse(written.as_bytes());
    assert!(again.is_ok_and(|again| again.keys().eq(object.keys())));
    if let Some(twice) = twice(&object) {
        assert!(matches!(json_object::parse(twice.as_bytes()), Err(ApiError::UnfitJson(_))));
    }
}

/// The object with its first key once more.
fn twice(object: &Map<String, Value>) -> Option<String> {
    let (name, _) = object.iter().next()?;
    let written = Value::Object(object.clone()).to_string();
    Some(format!("{},{}:1}}", written.strip_suffix('}')?, Value::String(name.clone())))
}

static STATE: LazyLock<Option<HttpState>> =
    LazyLock::new(|| Some(HttpState::new(&CONFIG, 8000, 1024, Metrics::new().ok()?)));

/// Reads bytes as the head of a request that is not HTTP, and as a response of the framework: the
/// response in its place is well formed, and only known origins may read it.
pub fn wire(bytes: &[u8]) {
    let framework = wire_answer::bare_status(bytes);
    assert!(framework.is_none_or(|status| status.is_client_error() || status.is_server_error()));
    let Some(state) = STATE.as_ref() else { panic!("no state") };
    let error = ApiError::Other(framework.unwrap_or(StatusCode::BAD_REQUEST));
    let answer = wire_answer::answer(&error, bytes, state);
    assert!(wire_answer::bare_status(&answer).is_none(), "its own answer is replaced again");

    let text = String::from_utf8_lossy(&answer);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { panic!("no end of the head") };
    let mut lines = head.split("\r\n");
    assert!(lines.next().is_some_and(|line| line.starts_with("HTTP/1.1 ")));
    let fields: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
    let all = |name: &str| -> Vec<&str> {
        let found = fields.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value).collect()
    };
    assert!(
        fields.len() == head.split("\r\n").count() - 1
            && !head.replace("\r\n", "").contains(['\r', '\n'])
    );
    assert!(all("content-length") == [body.len().to_string()]);
    assert!(serde_json::from_str::<Value>(body).is_ok());
    let origins = all("access-control-allow-origin");
    assert!(origins.iter().all(|origin| state.may_read(origin)) && origins.len() < 2);
}
