//! Pages of an account's events, newest first.

use std::fmt;

use data_encoding::HEXLOWER;

use super::clock::Moment;
use super::event::EventId;

/// Where a page of events ends and the next one starts. Events are ordered by time and id, so new events
/// don't move pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventCursor {
    /// The time of the last event.
    pub at: Moment,
    /// The id of the last event.
    pub id: EventId,
}

impl EventCursor {
    const LENGTH: usize = 24;

    /// Parses a cursor that [`fmt::Display`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; Self::LENGTH] = HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()?;
        let (at, id) = bytes.split_first_chunk::<8>()?;
        let at = Moment::from_timestamp_millis(i64::from_be_bytes(*at))?;
        Some(Self { at, id: EventId::from_bytes(id.try_into().ok()?) })
    }
}

impl fmt::Display for EventCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", HEXLOWER.encode(&self.at.timestamp_millis().to_be_bytes()), self.id)
    }
}

/// The size of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u8);

impl PageSize {
    /// The default size.
    pub const DEFAULT: Self = Self(50);
    const LARGEST: u8 = 100;

    /// Parses a size from 1 to 100; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok().filter(|size| (1..=Self::LARGEST).contains(size)).map(Self)
    }

    /// The size.
    #[must_use]
    pub fn get(self) -> usize {
        self.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_parsed_and_anything_else_is_refused() {
        let at = Moment::from_timestamp_millis(1_800_000_015_123).unwrap();
        let cursor = EventCursor { at, id: EventId::from_bytes([7; 16]) };
        assert_eq!(EventCursor::parse(&cursor.to_string()), Some(cursor));
        for text in ["", "0", &"7f".repeat(24), &"0".repeat(50), &"é".repeat(24)] {
            assert_eq!(EventCursor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_page_has_one_to_a_hundred_events() {
        assert_eq!(PageSize::parse("1").unwrap().get(), 1);
        assert_eq!(PageSize::parse("100").unwrap().get(), 100);
        for text in ["", "0", "101", "-1", "1.0", "ten", "256", " 5"] {
            assert_eq!(PageSize::parse(text), None, "{text}");
        }
    }
}
