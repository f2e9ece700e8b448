//! Request lines and headers that are not what HTTP or the service expect.

use super::payloads::{length, letters, noise};
use crate::dice::Dice;

/// Calls with a method and a path that exist.
pub const CALLS: &[(&str, &str)] = &[
    ("GET", "/api/healthchecker"),
    ("GET", "/api/auth/me"),
    ("GET", "/whoami"),
    ("GET", "/api/auth/sessions"),
    ("GET", "/api/auth/events?limit=5"),
    ("GET", "/api/auth/otp/qr"),
    ("GET", "/openapi.json"),
    ("GET", "/metrics"),
    ("GET", "/.well-known/jwks.json"),
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/logout"),
    ("POST", "/api/auth/otp/generate"),
    ("POST", "/api/auth/otp/verify"),
    ("POST", "/api/auth/otp/validate"),
    ("POST", "/api/auth/otp/recovery-codes"),
    ("POST", "/api/auth/passkeys"),
    ("POST", "/api/auth/passkeys/sign-in"),
    ("POST", "/api/auth/passkeys/sign-in/options"),
    ("POST", "/api/auth/password/forgot"),
    ("POST", "/api/auth/password/reset"),
    ("POST", "/api/auth/email/verify"),
    ("POST", "/api/auth/reauthenticate"),
    ("PUT", "/api/auth/password"),
    ("PUT", "/auth/otp/enable"),
    ("POST", "/auth/credentials?otp=123456"),
    ("DELETE", "/api/auth/account"),
    ("DELETE", "/api/auth/sessions/AAAA"),
];

/// A request line.
pub fn line(dice: &mut Dice) -> Vec<u8> {
    let (method, path) = *dice.pick(CALLS);
    let text = match dice.below(16) {
        0 => return [noise(dice, 60), b"\r\n".to_vec()].concat(),
        1 => format!("{method} {path}\r\n"),
        2 => format!("{method} {path} HTTP/9.9\r\n"),
        3 => format!("{method}  {path}  HTTP/1.1\r\n"),
        4 => format!("{method}\t{path}\tHTTP/1.1\r\n"),
        5 => format!("{} {path} HTTP/1.1\r\n", "M".repeat(length(dice) + 1)),
        6 => format!("{method} /{} HTTP/1.1\r\n", "p".repeat(length(dice))),
        7 => format!("{method} http://elsewhere.example{path} HTTP/1.1\r\n"),
        8 => "OPTIONS * HTTP/1.1\r\n".to_owned(),
        9 => "PRI * HTTP/2.0\r\n\r\nSM\r\n".to_owned(),
        10 => "CONNECT elsewhere.example:443 HTTP/1.1\r\n".to_owned(),
        11 => format!("\r\n\r\n\r\n{method} {path} HTTP/1.1\r\n"),
        12 => format!("{method} {path}\u{0}\u{7f} HTTP/1.1\r\n"),
        13 => format!("{method} {path} HTTP/1.0\n"),
        14 => format!("{method} {path} ICY/1.1\r\n"),
        _ => format!("{} {path} HTTP/1.1\r\n", method.to_ascii_lowercase()),
    };
    text.into_bytes()
}

/// A target with bad percent-encoding, segments that lead elsewhere, or nonsense.
pub fn target(dice: &mut Dice) -> Vec<u8> {
    let (_, path) = *dice.pick(CALLS);
    let junk = *dice.pick(&[
        "%zz",
        "%",
        "%0",
        "%00",
        "%2e%2e/%2e%2e/etc/passwd",
        "/../../",
        "//",
        "%c0%af",
        "%ff%fe",
        "%u0041",
        ";a=b",
        "?%zz=%",
        "?limit=99999999999999999999",
        "?limit=-1&limit=&after=%00",
        "?otp=%ff",
        "#fragment",
        "\\..\\",
        "%252e",
        "?=&&&=",
        "%e2%80%ae",
    ]);
    let place = dice.below(path.len()) + 1;
    let mut target =
        [&path.as_bytes()[..place], junk.as_bytes(), &path.as_bytes()[place..]].concat();
    if dice.one_in(8) {
        target.extend(letters(dice, 40));
    }
    target
}

/// A header that is not well formed, or says something strange.
pub fn header(dice: &mut Dice) -> Vec<u8> {
    let text = match dice.below(24) {
        0 => return [b"X-Noise: ".to_vec(), noise(dice, 50), b"\r\n".to_vec()].concat(),
        1 => "No colon at all\r\n".to_owned(),
        2 => ": no name\r\n".to_owned(),
        3 => "Folded: one\r\n two\r\n\tthree\r\n".to_owned(),
        4 => format!("X-Long: {}\r\n", "v".repeat(length(dice))),
        5 => format!("{}: v\r\n", "N".repeat(length(dice) + 1)),
        6 => "X-A: b\r\n".repeat(dice.below(600)),
        7 => "Host: a\r\nHost: b\r\n".to_owned(),
        8 => "Host: a b/c?d\r\n".to_owned(),
        9 => format!("Cookie: {}\r\n", "twofold_session=a; ".repeat(dice.below(300))),
        10 => "Cookie: =;;==; \"; twofold_session=\"%00\"; twofold_login=\u{fc}\r\n".to_owned(),
        11 => "Authorization: Basic !!!!\r\n".to_owned(),
        12 => "Authorization: Basic Og==\r\nAuthorization: Bearer x\r\n".to_owned(),
        13 => format!("Authorization: Bearer {}\r\n", "A".repeat(length(dice))),
        14 => "Authorization: Basic /v7/Ov8=\r\n".to_owned(),
        15 => "X-Forwarded-For: ,,,1.2.3,999.1.1.1,[::1]:99999,\u{0}\r\n".to_owned(),
        16 => format!("X-Forwarded-For: {}\r\n", "10.0.0.1, ".repeat(dice.below(500))),
        17 => "Origin: null\r\nOrigin: http://localhost:3000\r\n".to_owned(),
        18 => "Expect: 100-continue\r\n".to_owned(),
        19 => "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: x\r\n".to_owned(),
        20 => "X-Request-Id: \u{1}\u{2}<script>\r\n".to_owned(),
        21 => "Accept: ;;q=zz,*/*;q=99\r\nAccept-Encoding: gzip;q=\r\n".to_owned(),
        22 => "Range: bytes=-1-5,9999999999999999999-\r\nIf-None-Match: \"\r\n".to_owned(),
        _ => "Content-Type: application/json; charset=\"\r\nContent-Encoding: gzip\r\n".to_owned(),
    };
    text.into_bytes()
}

/// Headers that say how long a body is, for a body of this length.
pub fn framing(dice: &mut Dice, length: usize) -> String {
    match dice.below(14) {
        0 => format!("Content-Length: {}\r\n", length + 10),
        1 => format!("Content-Length: {}\r\n", length / 2),
        2 => "Content-Length: -1\r\n".to_owned(),
        3 => format!("Content-Length: +{length}\r\n"),
        4 => "Content-Length: 99999999999999999999999\r\n".to_owned(),
        5 => format!("Content-Length: {length}\r\nContent-Length: {}\r\n", length + 1),
        6 => format!("Content-Length: {length}, {length}\r\n"),
        7 => format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        8 => "Transfer-Encoding: gzip, chunked\r\n".to_owned(),
        9 => "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n".to_owned(),
        10 => "Content-Length: \u{661}\r\n".to_owned(),
        _ => format!("Content-Length: {length}\r\n"),
    }
}
