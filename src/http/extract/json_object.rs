//! A JSON object that has each key once: of two values for one key, different programs read different ones.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::super::error::ApiError;

/// The sentence about a body that is not an object.
pub const NOT_AN_OBJECT: &str = "The request could not be read: its body must be a JSON object.";

/// Reads a body as a JSON object.
///
/// # Errors
///
/// [`ApiError::MalformedJson`]; [`ApiError::UnfitJson`] for anything but an object, and for an
/// object that names a key twice.
pub fn parse(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    // This is not left to serde_json, which accepts any bytes in values that it skips.
    let text = std::str::from_utf8(bytes).map_err(|_cause| ApiError::MalformedJson)?;
    match serde_json::from_str(text).map_err(|_cause| ApiError::MalformedJson)? {
        Parsed::Object(object) => Ok(object),
        Parsed::NamesKeyTwice => {
            Err(ApiError::UnfitJson("The request could not be read: its body names a field twice."))
        }
        Parsed::SomethingElse => Err(ApiError::UnfitJson(NOT_AN_OBJECT)),
    }
}

enum Parsed {
    Object(Map<String, Value>),
    NamesKeyTwice,
    SomethingElse,
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
        let mut object = Map::new();
        let mut names_key_twice = false;
        while let Some((key, value)) = map.next_entry()? {
            names_key_twice |= object.insert(key, value).is_some();
        }
        Ok(if names_key_twice { Parsed::NamesKeyTwice } else { Parsed::Object(object) })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Parsed, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Parsed::SomethingElse)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Parsed, E> {
        Ok(Parsed::SomethingElse)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Parsed, E> {
        Ok(Parsed::SomethingElse)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Parsed, E> {
        Ok(Parsed::SomethingElse)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Parsed, E> {
        Ok(Parsed::SomethingElse)
    }

    fn visit_str<E>(self, _: &str) -> Result<Parsed, E> {
        Ok(Parsed::SomethingElse)
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::SomethingElse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_that_names_each_key_once_is_read() {
        assert_eq!(parse(br#"{"a": 1, "b": [2]}"#).unwrap().len(), 2);
        assert!(matches!(parse(br#"{"a": 1, "a": 2}"#), Err(ApiError::UnfitJson(_))));
        for other in ["[]", "1", "-1", "1.5", "\"a\"", "null", "true"] {
            assert!(matches!(parse(other.as_bytes()), Err(ApiError::UnfitJson(_))), "{other}");
        }
        let deep = "{\"a\":".repeat(10_000);
        for malformed in ["", "{", "{\"a\"}", "{} {}", r#"{"a": "\ud800"}"#, deep.as_str()] {
            assert!(matches!(parse(malformed.as_bytes()), Err(ApiError::MalformedJson)));
        }
    }
}
