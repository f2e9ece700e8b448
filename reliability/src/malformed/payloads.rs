//! Bodies that are not what their call expects.

use crate::dice::Dice;

/// Any bytes.
pub fn noise(dice: &mut Dice, length: usize) -> Vec<u8> {
    (0..length).map(|_| u8::try_from(dice.below(256)).unwrap()).collect()
}

/// Printable ASCII.
pub fn letters(dice: &mut Dice, length: usize) -> Vec<u8> {
    (0..length).map(|_| u8::try_from(dice.below(94) + 33).unwrap()).collect()
}

/// A number of bytes, mostly small, sometimes beyond every limit.
pub fn length(dice: &mut Dice) -> usize {
    match dice.below(12) {
        0 => dice.below(70_000),
        1 => dice.below(9_000),
        _ => dice.below(120),
    }
}

/// JSON, or nearly.
pub fn json(dice: &mut Dice) -> Vec<u8> {
    let field = *dice.pick(&[
        "email",
        "password",
        "token",
        "name",
        "user_id",
        "credential",
        "new_password",
    ]);
    let value = match dice.below(16) {
        0 => nested(dice, "[", "]"),
        1 => nested(dice, "{\"a\":", "}"),
        2 => b"1e999999999".to_vec(),
        3 => "9".repeat(length(dice).max(1)).into_bytes(),
        4 => [b"\"".as_slice(), &noise(dice, 40), b"\""].concat(),
        5 => b"\"\\ud800\"".to_vec(),
        6 => b"\"\\u0000\\u0000\"".to_vec(),
        7 => [b"\"".as_slice(), &vec![b'x'; length(dice)], b"\""].concat(),
        8 => b"null".to_vec(),
        9 => b"-0.0e-0".to_vec(),
        10 => b"{\"id\":\"AA\",\"rawId\":\"AA\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"e30\",\"attestationObject\":\"v_8\"}}".to_vec(),
        11 => b"\"\xc0\xaf\xed\xa0\x80\"".to_vec(),
        12 => b"[[],{},null,true]".to_vec(),
        13 => b"NaN".to_vec(),
        14 => "\"\u{202e}e\u{301}\u{fdfa}@example.com\"".into(),
        _ => letters(dice, 30),
    };
    match dice.below(10) {
        0 => value,
        1 => noise(dice, 200),
        2 => [b"\xef\xbb\xbf{\"".as_slice(), field.as_bytes(), b"\":", &value, b"}"].concat(),
        3 => format!("{{\"{field}\":1,\"{field}\":2}}").into_bytes(),
        4 => [b"{\"".as_slice(), field.as_bytes(), b"\":", &value].concat(),
        5 => [b"{\"".as_slice(), field.as_bytes(), b"\":", &value, b"}}}]"].concat(),
        _ => [
            b"{\"email\":\"a@example.com\",\"password\":\"plum velvet\",\"".as_slice(),
            field.as_bytes(),
            b"\":",
            &value,
            b"}",
        ]
        .concat(),
    }
}

fn nested(dice: &mut Dice, open: &str, close: &str) -> Vec<u8> {
    let depth = dice.below(8_000);
    let closed = if dice.one_in(2) { depth } else { 0 };
    format!("{}{}", open.repeat(depth), close.repeat(closed)).into_bytes()
}

/// A body in chunks, most of which are broken.
pub fn chunked(dice: &mut Dice) -> Vec<u8> {
    let body = json(dice);
    let size = format!("{:x}", body.len());
    let head = match dice.below(12) {
        0 => "zz".to_owned(),
        1 => "ffffffffffffffff".to_owned(),
        2 => "-1".to_owned(),
        3 => format!("0x{size}"),
        4 => format!("{size};{}", "x".repeat(length(dice))),
        5 => format!(" {size}"),
        6 => "1".repeat(200),
        7 => format!("{:x}", body.len() + 5),
        _ => size,
    };
    let end: &[u8] = match dice.below(6) {
        0 => b"",
        1 => b"\r\n0\r\nX: y\r\nContent-Length: 5\r\n\r\n",
        2 => b"0\r\n\r\n",
        3 => b"\n0\n\n",
        _ => b"\r\n0\r\n\r\n",
    };
    [head.as_bytes(), b"\r\n", &body, end].concat()
}
