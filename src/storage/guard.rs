//! The conditions of a write on an account.

use bson::oid::ObjectId;
use bson::{Bson, Document, doc};

use super::document::at;
use super::error::StoreError;
use crate::domain::clock::Moment;
use crate::domain::throttle::{self, Clause};

/// Conditions on one account, besides its `_id`.
///
/// A statement of a group is an upsert ([`super::grouped_writes`]). It can insert nothing as long as its filter has
/// exactly one `_id`, so a condition must not name another one.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard(Document);

impl Guard {
    /// Adds a condition on a path that has none yet.
    pub fn add(&mut self, path: String, condition: Bson) {
        insert_once(&mut self.0, path, condition);
    }

    /// Adds operators to the condition on a path, if there is one. A condition that is a plain value becomes
    /// an `$eq`.
    pub fn narrow(&mut self, path: &str, operators: Document) {
        let mut narrowed = match self.0.remove(path) {
            None => Document::new(),
            Some(Bson::Document(others)) => others,
            Some(value) => doc! { "$eq": value },
        };
        for (operator, value) in operators {
            insert_once(&mut narrowed, operator, value);
        }
        self.add(path.to_owned(), Bson::Document(narrowed));
    }

    /// The filter for this account.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvalidWrite`] if a condition names an `_id`.
    pub fn on(self, account: ObjectId) -> Result<Document, StoreError> {
        if names_id(&self.0) {
            return Err(StoreError::InvalidWrite("a condition on an `_id`"));
        }
        let mut filter = doc! { "_id": account };
        filter.extend(self.0);
        Ok(filter)
    }
}

fn names_id(conditions: &Document) -> bool {
    conditions.iter().any(|(path, condition)| {
        let is_id = path.split('.').next() == Some("_id");
        is_id || contains_id(condition)
    })
}

fn contains_id(condition: &Bson) -> bool {
    match condition {
        Bson::Document(conditions) => names_id(conditions),
        Bson::Array(alternatives) => alternatives.iter().any(contains_id),
        _ => false,
    }
}

/// Inserts a value that must not replace another one: neither a condition nor a field's update may get lost.
pub(super) fn insert_once(document: &mut Document, path: String, value: Bson) {
    debug_assert!(
        document.get(&path).is_none_or(|other| *other == value),
        "two different values for {path}"
    );
    document.insert(path, value);
}

/// The alternatives of the condition that six-digit codes are not locked.
pub(super) fn codes_are_open(now: Moment) -> Vec<Document> {
    let clauses = throttle::CODES.admissible(now);
    clauses.iter().map(|clause| alternative(clause, "codes.failed", "codes.at")).collect()
}

/// A throttle's clause as a filter over the fields that hold its counter.
pub(super) fn alternative(clause: &Clause, failed: &str, at_path: &str) -> Document {
    let mut range = doc! { "$gte": i64::from(clause.from) };
    if clause.to != u32::MAX {
        range.insert("$lte", i64::from(clause.to));
    }
    let mut filter = doc! { failed: range };
    if let Some(latest) = clause.at_or_before {
        filter.insert(at_path, doc! { "$lte": at(latest) });
    }
    filter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_that_names_an_id_is_refused_wherever_it_is() {
        let account = ObjectId::new();
        let filter = |path: &str, condition: Bson| {
            let mut guard = Guard::default();
            guard.add("epoch".to_owned(), Bson::Int64(1));
            guard.add(path.to_owned(), condition);
            guard.on(account)
        };
        let other = || doc! { "_id": { "$gt": ObjectId::new() } };
        for (path, condition) in [
            ("_id", Bson::ObjectId(account)),
            ("_id", doc! { "$in": [account] }.into()),
            ("_id.part", Bson::Int32(1)),
            ("$or", vec![other()].into()),
            ("$and", vec![doc! { "$nor": [other()] }].into()),
        ] {
            let refused = filter(path, condition.clone());
            assert!(matches!(refused, Err(StoreError::InvalidWrite(_))), "{path}: {condition}");
        }
        let session = doc! { "$elemMatch": { "id": "x" } };
        let expected = doc! { "_id": account, "epoch": 1_i64, "sessions": session.clone() };
        assert_eq!(filter("sessions", session.into()).unwrap(), expected);
    }
}
