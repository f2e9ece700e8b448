//! What is sent on one connection.

use super::heads::{CALLS, framing, header, line, target};
use super::payloads::{chunked, json, noise};
use crate::dice::Dice;

/// Everything that is sent on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// What is wrong with it.
    pub what: &'static str,
    /// How many requests it is.
    pub requests: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether the client then says that it sends no more. Otherwise it waits for the service to close the connection.
    pub is_cut: bool,
}

const METHODS: &[&str] =
    &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "BREW"];

const CLOSE: &[u8] = b"Host: a\r\nConnection: close\r\n";
const FORM: &[u8] = b"Content-Type: application/json\r\n";

/// The connection that these dice make.
#[must_use]
pub fn connection(dice: &mut Dice) -> Sent {
    let (mut bytes, mut requests) = (Vec::new(), 1);
    // Well-formed requests before the malformed one, as a client sends them that does not wait for answers.
    if dice.one_in(3) {
        for _ in 0..dice.below(16) {
            let (method, path) = dice.pick(CALLS);
            bytes.extend(
                format!("{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").bytes(),
            );
            requests += 1;
        }
    }
    let what = malformed(dice, &mut bytes);
    let is_cut = !dice.one_in(100);
    Sent { what, requests, bytes, is_cut }
}

/// Adds a malformed request, and says what is wrong with it.
fn malformed(dice: &mut Dice, bytes: &mut Vec<u8>) -> &'static str {
    let (method, path) = *dice.pick(CALLS);
    let good = format!("{method} {path} HTTP/1.1\r\n");
    match dice.below(9) {
        0 => {
            bytes.extend([&line(dice), CLOSE, b"\r\n"].concat());
            "a bad request line"
        }
        1 => {
            let mut headers = Vec::new();
            (0..=dice.below(4)).for_each(|_| headers.extend(header(dice)));
            let end = b"Content-Length: 0\r\n\r\n";
            bytes.extend([good.as_bytes(), CLOSE, &headers, end].concat());
            "bad headers"
        }
        2 => {
            let body = json(dice);
            let framing = framing(dice, body.len());
            bytes.extend(
                [good.as_bytes(), CLOSE, FORM, framing.as_bytes(), b"\r\n", &body].concat(),
            );
            "a bad length"
        }
        3 => {
            bytes.extend(form(dice, &good));
            "bad JSON"
        }
        4 => {
            let encoding = b"Transfer-Encoding: chunked\r\n\r\n".as_slice();
            bytes.extend([good.as_bytes(), CLOSE, FORM, encoding, &chunked(dice)].concat());
            "bad chunks"
        }
        5 => {
            let target = target(dice);
            let line = [method.as_bytes(), b" ", &target, b" HTTP/1.1\r\n"].concat();
            bytes.extend([&line, CLOSE, b"\r\n"].concat());
            "a bad target"
        }
        6 => {
            let line = format!("{} {path} HTTP/1.1\r\n", dice.pick(METHODS));
            bytes.extend([line.as_bytes(), CLOSE, b"\r\n"].concat());
            "a wrong method"
        }
        7 => {
            let whole = form(dice, &good);
            bytes.extend(&whole[..dice.below(whole.len())]);
            "a truncated request"
        }
        _ => {
            let mut whole = form(dice, &good);
            for _ in 0..=dice.below(6) {
                let place = dice.below(whole.len());
                whole[place] = noise(dice, 1)[0];
            }
            bytes.extend(whole);
            "changed bytes"
        }
    }
}

/// A request with bad JSON, and nothing else that is wrong.
fn form(dice: &mut Dice, line: &str) -> Vec<u8> {
    let body = json(dice);
    let length = format!("Content-Length: {}\r\n\r\n", body.len());
    [line.as_bytes(), CLOSE, FORM, length.as_bytes(), &body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_makes_the_same_requests() {
        let made = |seed| connection(&mut Dice::new(seed));
        assert!((0..2_000).all(|seed| made(seed) == made(seed)));
        assert_ne!(made(1), made(2));
    }
}
