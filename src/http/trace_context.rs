//! The caller's trace: the header `traceparent` of W3C Trace Context, section 3.2.

use std::fmt;
use std::num::NonZero;

use actix_web::http::header::HeaderMap;

/// The id of a trace; it is shown as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceId(NonZero<u128>);

/// The position of a caller in its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceParent {
    /// The trace.
    pub trace: TraceId,
    /// The id of the caller's span.
    pub span: NonZero<u64>,
    /// Whether the caller may have recorded its part of the trace.
    pub is_sampled: bool,
}

impl TraceId {
    /// The id as a number.
    #[cfg(feature = "otlp")]
    pub fn number(self) -> u128 {
        self.0.get()
    }

    /// The id with this number, unless it is zero.
    #[cfg(feature = "otlp")]
    pub fn of(number: u128) -> Option<Self> {
        NonZero::new(number).map(Self)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:032x}", self.0)
    }
}

impl TraceParent {
    const HEADER: &str = "traceparent";
    /// The length of version 00. Later versions may only add something after it.
    const LENGTH: usize = 55;

    /// The caller's position, if the request has one valid header.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(Self::HEADER);
        let (value, second) = (values.next()?, values.next());
        if second.is_some() { None } else { Self::parse(value.as_bytes()) }
    }

    /// Reads no more than the part that version 00 defines, and the byte after it.
    fn parse(value: &[u8]) -> Option<Self> {
        let (known, rest) = value.split_at_checked(Self::LENGTH)?;
        let mut parts = str::from_utf8(known).ok()?.split('-');
        let mut next = |length| parts.next().filter(|part| is_hex(part, length));
        let (version, trace, span, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        let is_complete = match version {
            "ff" => false,
            "00" => rest.is_empty(),
            _ => rest.is_empty() || rest.starts_with(b"-"),
        };
        if !is_complete || parts.next().is_some() {
            return None;
        }
        Some(Self {
            trace: TraceId(NonZero::new(u128::from_str_radix(trace, 16).ok()?)?),
            span: NonZero::new(u64::from_str_radix(span, 16).ok()?)?,
            is_sampled: u8::from_str_radix(flags, 16).ok()? & 1 == 1,
        })
    }
}

fn is_hex(part: &str, length: usize) -> bool {
    part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_valid_header_is_read() {
        let parent = TraceParent::parse(VALID.as_bytes()).unwrap();
        assert_eq!(parent.trace.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(parent.span.get(), 0x00f0_67aa_0ba9_02b7);
        assert!(parent.is_sampled);
        let leading_zeros = "00-00000000000000000000000000000001-0000000000000001-00";
        let parent = TraceParent::parse(leading_zeros.as_bytes()).unwrap();
        assert_eq!(parent.trace.to_string(), "00000000000000000000000000000001");
        assert!(!parent.is_sampled);
    }

    #[test]
    fn later_versions_are_read_as_far_as_they_are_known() {
        for later in ["cc", "01", "fe"] {
            for end in ["", "-", "-what-the-future-will-be-like"] {
                let value = VALID.replacen("00", later, 1) + end;
                assert!(TraceParent::parse(value.as_bytes()).is_some(), "{value}");
            }
        }
    }

    #[test]
    fn anything_else_is_ignored() {
        let bad = [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0G",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            "00-4bf92f3577b34da6a3ce929d0e0e47-36-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473\u{e9}-00f067aa0ba902b7-01",
        ];
        for value in bad {
            assert_eq!(TraceParent::parse(value.as_bytes()), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_shown_but_a_trace_id(value in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(parent) = TraceParent::parse(&value) {
                let text = String::from_utf8_lossy(&value);
                prop_assert!(text.contains(&parent.trace.to_string()));
            }
        }

        #[test]
        fn a_header_with_any_byte_changed_is_ignored_or_has_only_digits(at in 0_usize..55, byte in any::<u8>()) {
            let mut value = VALID.as_bytes().to_vec();
            value[at] = byte;
            if let Some(parent) = TraceParent::parse(&value) {
                prop_assert!(parent.trace.to_string().bytes().all(|byte| byte.is_ascii_hexdigit()));
            }
        }
    }
}
