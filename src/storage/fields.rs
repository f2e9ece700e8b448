//! Reading the fields of a raw document.

use std::array::TryFromSliceError;

use bson::raw::{RawArray, RawBsonRef, RawDocument};

use crate::domain::authenticator::Sealed;
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::ids::UserId;
use crate::domain::lists::Malformed;

pub(super) const MALFORMED: Malformed = Malformed("an account");

/// The elements of an array within a document.
pub(super) fn elements<'a>(
    document: &'a RawDocument,
    name: &str,
) -> Result<impl Iterator<Item = Result<RawBsonRef<'a>, Malformed>>, Malformed> {
    let array = document.get_array(name).map_err(|_cause| MALFORMED)?;
    Ok(array.into_iter().map(|element| element.map_err(|_cause| MALFORMED)))
}

/// The fields of a document by name, collected in one pass.
pub(super) struct Fields<'a>(Vec<(&'a str, RawBsonRef<'a>)>);

impl<'a> Fields<'a> {
    pub fn of(raw: &'a RawDocument) -> Result<Self, Malformed> {
        let mut fields = Vec::with_capacity(16);
        for element in raw {
            let (name, value) = element.map_err(|_cause| MALFORMED)?;
            fields.push((name.as_str(), value));
        }
        Ok(Self(fields))
    }

    pub fn find(&self, name: &str) -> Option<RawBsonRef<'a>> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// A field that may be absent or `null`. A value of another type is an error: an account whose lock or
    /// second factor can't be read still has one.
    pub fn optional<T>(
        &self,
        name: &str,
        read: impl FnOnce(RawBsonRef<'a>) -> Option<T>,
    ) -> Result<Option<T>, Malformed> {
        match self.find(name) {
            None | Some(RawBsonRef::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or(MALFORMED),
        }
    }

    pub fn text(&self, name: &str) -> Result<&'a str, Malformed> {
        self.find(name).and_then(RawBsonRef::as_str).ok_or(MALFORMED)
    }

    pub fn number(&self, name: &str) -> Result<i64, Malformed> {
        self.find(name).and_then(number).ok_or(MALFORMED)
    }

    pub fn count(&self, name: &str) -> Result<u32, Malformed> {
        self.number(name).map(read_count)
    }

    pub fn moment(&self, name: &str) -> Result<Moment, Malformed> {
        self.optional_moment(name)?.ok_or(MALFORMED)
    }

    pub fn optional_moment(&self, name: &str) -> Result<Option<Moment>, Malformed> {
        self.optional(name, |value| {
            Moment::from_timestamp_millis(value.as_datetime()?.timestamp_millis())
        })
    }

    pub fn user_id(&self, name: &str) -> Result<UserId, Malformed> {
        let id = self.find(name).and_then(RawBsonRef::as_object_id).ok_or(MALFORMED)?;
        Ok(UserId::from_bytes(id.bytes()))
    }

    pub fn digest(&self, name: &str) -> Result<Digest, Malformed> {
        read_digest(self.find(name).ok_or(MALFORMED)?)
    }

    pub fn sealed(&self, name: &str) -> Result<Sealed, Malformed> {
        let binary = self.find(name).and_then(RawBsonRef::as_binary).ok_or(MALFORMED)?;
        Ok(Sealed::new(binary.bytes.to_vec()))
    }

    pub fn part(&self, name: &str) -> Result<Option<Self>, Malformed> {
        self.optional(name, RawBsonRef::as_document)?.map(Self::of).transpose()
    }

    pub fn array(&self, name: &str) -> Result<&'a RawArray, Malformed> {
        self.find(name).and_then(RawBsonRef::as_array).ok_or(MALFORMED)
    }
}

/// A whole number of either width, because another program may have written it.
pub(super) fn number(value: RawBsonRef<'_>) -> Option<i64> {
    value.as_i64().or_else(|| value.as_i32().map(i64::from))
}

pub(super) fn read_count(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

pub(super) fn read_digest(value: RawBsonRef<'_>) -> Result<Digest, Malformed> {
    let binary = value.as_binary().ok_or(MALFORMED)?;
    let bytes: Result<[u8; 32], TryFromSliceError> = binary.bytes.try_into();
    bytes.map(Digest::from_bytes).map_err(|_cause| Malformed("a digest"))
}
