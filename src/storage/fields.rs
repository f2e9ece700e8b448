//! Reading the fields of a raw document.

use std::array::TryFromSliceError;

use bson::raw::{RawBsonRef, RawDocument};
use data_encoding::HEXLOWER;

use crate::domain::authenticator::Sealed;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::ids::UserId;
use crate::domain::lists::Malformed;

/// The path of a field that is missing or has an unexpected type.
#[derive(Debug)]
pub(super) struct BadField(pub String);

impl BadField {
    /// Adds the document that the field belongs to.
    pub fn of(self, collection: &'static str, document: &RawDocument) -> Malformed {
        Malformed { collection, id: printable_id(document), field: self.0 }
    }
}

/// The `_id` in hexadecimal. An `_id` of another type than this service writes is not shown.
fn printable_id(document: &RawDocument) -> String {
    match document.get("_id") {
        Ok(Some(RawBsonRef::ObjectId(id))) => id.to_hex(),
        Ok(Some(RawBsonRef::Binary(id))) => HEXLOWER.encode(id.bytes),
        Ok(Some(_)) => "of another type".to_owned(),
        Ok(None) | Err(_) => "missing".to_owned(),
    }
}

/// The fields of a document by name, collected in one pass.
pub(super) struct Fields<'a> {
    /// The path of the document within the stored one; empty for the stored one itself.
    path: &'static str,
    fields: Vec<(&'a str, RawBsonRef<'a>)>,
}

impl<'a> Fields<'a> {
    pub fn of(path: &'static str, raw: &'a RawDocument) -> Result<Self, BadField> {
        let mut fields = Vec::with_capacity(16);
        for element in raw {
            let (name, value) = element.map_err(|_cause| BadField(path.to_owned()))?;
            fields.push((name.as_str(), value));
        }
        Ok(Self { path, fields })
    }

    pub fn bad(&self, name: &str) -> BadField {
        bad(self.path, name)
    }

    fn find(&self, name: &str) -> Option<RawBsonRef<'a>> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// A field that must exist.
    pub fn required<T>(
        &self,
        name: &str,
        read: impl FnOnce(RawBsonRef<'a>) -> Option<T>,
    ) -> Result<T, BadField> {
        self.find(name).and_then(read).ok_or_else(|| self.bad(name))
    }

    /// A field that may be absent or `null`. A value of another type is an error: an account whose lock or
    /// second factor can't be read still has one.
    pub fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(RawBsonRef<'a>) -> Option<T>,
    ) -> Result<Option<T>, BadField> {
        match self.find(name) {
            None | Some(RawBsonRef::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.bad(name)),
        }
    }

    pub fn text(&self, name: &str) -> Result<&'a str, BadField> {
        self.required(name, RawBsonRef::as_str)
    }

    pub fn number(&self, name: &str) -> Result<i64, BadField> {
        self.required(name, number)
    }

    pub fn count(&self, name: &str) -> Result<u32, BadField> {
        self.number(name).map(read_count)
    }

    /// Every field, as a count.
    pub fn counts(&self) -> impl Iterator<Item = Result<(&'a str, u32), BadField>> {
        self.fields.iter().map(|(name, value)| {
            let count = number(*value).ok_or_else(|| self.bad(name))?;
            Ok((*name, read_count(count)))
        })
    }

    pub fn moment(&self, name: &str) -> Result<Moment, BadField> {
        self.required(name, moment)
    }

    pub fn optional_moment(&self, name: &str) -> Result<Option<Moment>, BadField> {
        self.optional(name, moment)
    }

    pub fn user_id(&self, name: &str) -> Result<UserId, BadField> {
        let id = self.required(name, RawBsonRef::as_object_id)?;
        Ok(UserId::from_bytes(id.bytes()))
    }

    pub fn digest(&self, name: &str) -> Result<Digest, BadField> {
        self.required(name, digest)
    }

    pub fn sealed(&self, name: &str) -> Result<Sealed, BadField> {
        self.required(name, sealed)
    }

    /// The elements of an array that must exist.
    pub fn each<T>(
        &self,
        name: &str,
        read: impl Fn(RawBsonRef<'a>) -> Option<T>,
    ) -> Result<Vec<T>, BadField> {
        let bad = || self.bad(name);
        let elements = self.required(name, RawBsonRef::as_array)?.into_iter();
        elements.map(|element| element.ok().and_then(&read).ok_or_else(bad)).collect()
    }

    /// A document within this one.
    pub fn part(&self, name: &'static str) -> Result<Option<Self>, BadField> {
        let document = self.optional(name, RawBsonRef::as_document)?;
        document.map(|document| Self::of(name, document)).transpose()
    }
}

fn bad(path: &str, name: &str) -> BadField {
    BadField(if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") })
}

/// The elements of an array of a stored document.
pub(super) fn elements<'a>(
    document: &'a RawDocument,
    name: &'static str,
) -> Result<impl Iterator<Item = Result<RawBsonRef<'a>, BadField>>, BadField> {
    let array = document.get_array(name).map_err(|_cause| BadField(name.to_owned()))?;
    Ok(array.into_iter().map(move |element| element.map_err(|_cause| BadField(name.to_owned()))))
}

/// The documents in an array of a stored document.
pub(super) fn documents<'a>(
    document: &'a RawDocument,
    name: &'static str,
) -> Result<impl Iterator<Item = Result<&'a RawDocument, BadField>>, BadField> {
    let elements = elements(document, name)?;
    let document = move |element: RawBsonRef<'a>| {
        element.as_document().ok_or_else(|| BadField(name.to_owned()))
    };
    Ok(elements.map(move |element| element.and_then(document)))
}

/// A whole number of either width, because another program may have written it.
pub(super) fn number(value: RawBsonRef<'_>) -> Option<i64> {
    value.as_i64().or_else(|| value.as_i32().map(i64::from))
}

/// A stored count; one below zero counts as zero.
pub(super) fn read_count(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

pub(super) fn digest(value: RawBsonRef<'_>) -> Option<Digest> {
    let bytes: Result<[u8; 32], TryFromSliceError> = value.as_binary()?.bytes.try_into();
    bytes.ok().map(Digest::from_bytes)
}

pub(super) fn sealed(value: RawBsonRef<'_>) -> Option<Sealed> {
    value.as_binary().map(|binary| Sealed::new(binary.bytes.to_vec()))
}

pub(super) fn bytes(value: RawBsonRef<'_>) -> Option<&[u8]> {
    value.as_binary().map(|binary| binary.bytes)
}

fn moment(value: RawBsonRef<'_>) -> Option<Moment> {
    Moment::from_timestamp_millis(value.as_datetime()?.timestamp_millis())
}
