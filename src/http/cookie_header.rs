//! Reads one cookie out of a request's `Cookie` headers, byte by byte (RFC 6265bis, section 5.7).

/// Returns the value of the cookie with this name.
///
/// `lines` are the values of all `Cookie` headers. A name that occurs twice counts as absent: another
/// host of the same site can add a cookie in front of ours, so neither can be trusted. Only spaces and
/// tabs are trimmed: browsers check the `__Host-` prefix against the name as it is, other white space included.
pub fn value<'a>(lines: impl IntoIterator<Item = &'a [u8]>, name: &str) -> Option<&'a str> {
    let pairs = lines.into_iter().flat_map(|line| line.split(|byte| *byte == b';'));
    let mut values = pairs.filter_map(|pair| {
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        let (found, value) = pair.split_at_checked(equals)?;
        (trim(found) == name.as_bytes()).then(|| trim(value.get(1..).unwrap_or_default()))
    });
    match (values.next(), values.next()) {
        (Some(value), None) => std::str::from_utf8(value).ok(),
        _ => None,
    }
}

fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<'a>(lines: &[&'a str]) -> Option<&'a str> {
        value(lines.iter().map(|line| line.as_bytes()), "__Host-a")
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        assert_eq!(read(&["__Host-a=1"]), Some("1"));
        assert_eq!(read(&["b=2;\t__Host-a = 1=1 ; \u{e9}; =; c"]), Some("1=1"));
        assert_eq!(read(&["b=2", "__Host-a="]), Some(""));
        assert_eq!(read(&["b=2", "A=1; __host-a=1; __Host-ab=1", ""]), None);
    }

    #[test]
    fn a_name_with_other_white_space_is_another_name() {
        for space in ["\u{2000}", "\u{a0}", "\u{85}", "\u{b}", "\u{c}", "\r", "\n", "\u{3000}"] {
            assert_eq!(read(&[&format!("{space}__Host-a=evil")]), None, "{space:?}");
            assert_eq!(read(&[&format!("__Host-a{space}=evil; __Host-a=1")]), Some("1"));
        }
    }

    #[test]
    fn a_name_that_occurs_twice_counts_as_absent() {
        assert_eq!(read(&["__Host-a=1; b=2; __Host-a=1"]), None);
        assert_eq!(read(&["__Host-a=1", "__Host-a=2"]), None);
        let not_text: [&[u8]; 2] = [b"__Host-a=\xff", b"__Host-a=1"];
        assert_eq!(value(not_text, "__Host-a"), None);
        assert_eq!(value([not_text[0]], "__Host-a"), None);
    }
}
