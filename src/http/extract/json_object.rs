//! A JSON object that has each key once: of two values for one key, different programs read different ones.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::super::error::ApiError;

/// The sentence about a body that is not an object.
pub const NOT_AN_OBJECT: &str = "The request could not be read: its body must be a JSON object.";

/// Reads a body as a JSON object.
///
/// # Errors
///
/// [`ApiError::MalformedJson`]; [`ApiError::UnfitJson`] for anything but an object, and for an
/// object in which a key is named twice, at any depth.
pub fn parse(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    // This is not left to serde_json, which accepts any bytes in values that it skips.
    let text = std::str::from_utf8(bytes).map_err(|_cause| ApiError::MalformedJson)?;
    let parsed: Parsed = serde_json::from_str(text).map_err(|_cause| ApiError::MalformedJson)?;
    match parsed.value {
        Value::Object(_) if parsed.names_key_twice => {
            Err(ApiError::UnfitJson("The request could not be read: its body names a field twice."))
        }
        Value::Object(object) => Ok(object),
        _ => Err(ApiError::UnfitJson(NOT_AN_OBJECT)),
    }
}

/// Any JSON.
struct Parsed {
    value: Value,
    /// Whether an object names a key twice, at any depth.
    names_key_twice: bool,
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor)
    }
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Parsed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
        let (mut object, mut names_key_twice) = (Map::new(), false);
        while let Some((key, Parsed { value, names_key_twice: twice_below })) = map.next_entry()? {
            names_key_twice |= object.insert(key, value).is_some() || twice_below;
        }
        Ok(Parsed { value: Value::Object(object), names_key_twice })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Parsed, A::Error> {
        let (mut array, mut names_key_twice) = (Vec::new(), false);
        while let Some(Parsed { value, names_key_twice: twice_below }) = seq.next_element()? {
            array.push(value);
            names_key_twice |= twice_below;
        }
        Ok(Parsed { value: Value::Array(array), names_key_twice })
    }

    fn visit_bool<E>(self, value: bool) -> Result<Parsed, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Parsed, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Parsed, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Parsed, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Parsed, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Value::Null.into())
    }
}

impl<T: Into<Value>> From<T> for Parsed {
    fn from(value: T) -> Self {
        Self { value: value.into(), names_key_twice: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_object_that_names_each_key_once_is_read() {
        assert_eq!(parse(br#"{"a": 1, "b": [2]}"#).unwrap().len(), 2);
        let twice = [
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": {"b": 1, "b": 2}}"#,
            r#"{"a": [{"b": 1, "b": 2}, 3]}"#,
        ];
        for twice in twice {
            assert!(matches!(parse(twice.as_bytes()), Err(ApiError::UnfitJson(_))), "{twice}");
        }
        let all = r#"{"a": [null, true, -1, 1, 0.5, "x", {"b": {}}], "c": {"b": 1}}"#;
        assert_eq!(
            Value::Object(parse(all.as_bytes()).unwrap()),
            serde_json::from_str::<Value>(all).unwrap()
        );
        for other in ["[]", "1", "-1", "1.5", "\"a\"", "null", "true"] {
            assert!(matches!(parse(other.as_bytes()), Err(ApiError::UnfitJson(_))), "{other}");
        }
        let deep = "{\"a\":".repeat(10_000);
        for malformed in ["", "{", "{\"a\"}", "{} {}", r#"{"a": "\ud800"}"#, deep.as_str()] {
            assert!(matches!(parse(malformed.as_bytes()), Err(ApiError::MalformedJson)));
        }
    }
}
