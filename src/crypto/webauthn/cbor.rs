//! Reads CBOR (RFC 8949) as authenticators write it: definite lengths, no tags, no key twice (CTAP 2.1, section 8).

use std::collections::BTreeMap;

use minicbor::data::Type;
use minicbor::decode::{Decoder, Error};

use super::Refused;

/// How deep values may be nested. An attestation object of several statements has five levels.
const DEEPEST: u8 = 8;

/// A value. What no rule asks for is read and dropped.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Integer(i128),
    Bytes(&'a [u8]),
    Text(&'a str),
    Map(Map<'a>),
    Other,
}

/// A map's key.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key<'a> {
    Integer(i128),
    Text(&'a str),
}

/// A map.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Map<'a>(BTreeMap<Key<'a>, Value<'a>>);

impl<'a> Map<'a> {
    /// Reads the map that `bytes` begin with. Returns it and its length in bytes.
    fn first(bytes: &'a [u8]) -> Result<(Self, usize), Refused> {
        let mut decoder = Decoder::new(bytes);
        match value(&mut decoder, 0) {
            Ok(Value::Map(map)) => Ok((map, decoder.position())),
            _ => Err(Refused("not a map in strict CBOR")),
        }
    }

    /// Splits `bytes` behind the map that they begin with.
    pub(super) fn split(bytes: &'a [u8]) -> Result<(&'a [u8], &'a [u8]), Refused> {
        let (_, length) = Self::first(bytes)?;
        bytes.split_at_checked(length).ok_or(Refused("CBOR ends outside its bytes"))
    }

    /// Reads the map that is all of `bytes`.
    pub(super) fn whole(bytes: &'a [u8]) -> Result<Self, Refused> {
        match Self::first(bytes)? {
            (map, length) if length == bytes.len() => Ok(map),
            _ => Err(Refused("bytes after a map")),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, name: &'static str) -> Option<&Value<'a>> {
        self.0.get(&Key::Text(name))
    }

    pub(super) fn integer(&self, label: i128) -> Option<i128> {
        match self.0.get(&Key::Integer(label))? {
            Value::Integer(integer) => Some(*integer),
            _ => None,
        }
    }

    pub(super) fn bytes(&self, label: i128) -> Option<&'a [u8]> {
        match self.0.get(&Key::Integer(label))? {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

fn value<'a>(decoder: &mut Decoder<'a>, depth: u8) -> Result<Value<'a>, Error> {
    if depth > DEEPEST {
        return Err(Error::message("nested too deep"));
    }
    match decoder.datatype()? {
        Type::U8
        | Type::U16
        | Type::U32
        | Type::U64
        | Type::I8
        | Type::I16
        | Type::I32
        | Type::I64
        | Type::Int => Ok(Value::Integer(decoder.int()?.into())),
        Type::Bytes => Ok(Value::Bytes(decoder.bytes()?)),
        Type::String => Ok(Value::Text(decoder.str()?)),
        Type::Map => map(decoder, depth).map(Value::Map),
        Type::Array => {
            for _ in 0..length(decoder.array()?)? {
                value(decoder, depth + 1)?;
            }
            Ok(Value::Other)
        }
        Type::Bool
        | Type::Null
        | Type::Undefined
        | Type::F16
        | Type::F32
        | Type::F64
        | Type::Simple => decoder.skip().map(|()| Value::Other),
        other => Err(Error::type_mismatch(other)),
    }
}

fn map<'a>(decoder: &mut Decoder<'a>, depth: u8) -> Result<Map<'a>, Error> {
    let mut map = BTreeMap::new();
    for _ in 0..length(decoder.map()?)? {
        let key = match value(decoder, depth + 1)? {
            Value::Integer(integer) => Key::Integer(integer),
            Value::Text(text) => Key::Text(text),
            _ => return Err(Error::message("a key is neither a number nor a text")),
        };
        if map.insert(key, value(decoder, depth + 1)?).is_some() {
            return Err(Error::message("a key occurs twice"));
        }
    }
    Ok(Map(map))
}

fn length(definite: Option<u64>) -> Result<u64, Error> {
    definite.ok_or_else(|| Error::message("an indefinite length"))
}
