//! One write of one account, with a filter as its precondition.

use bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::options::{FindOneAndUpdateOptions, ReturnDocument};

use super::devices::DEVICES;
use super::document::{self, array};
use super::error::StoreError;
use super::fields::{BadField, Fields};
use super::store::{Store, within_deadline};
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::session::{Session, SessionKind};
use crate::domain::throttle::{self, Clause, Counter};

/// An update of an account's document, and its preconditions.
pub(super) struct GuardedWrite {
    filter: Document,
    update: Document,
    array_filters: Vec<Document>,
}

impl GuardedWrite {
    /// A write that requires the account's credentials to be those that were read.
    pub fn of(account: &Account) -> Self {
        Self {
            filter: doc! { "_id": document::id(account.id), "epoch": account.epoch.0 },
            update: Document::new(),
            array_filters: Vec::new(),
        }
    }

    /// A write on behalf of a session, which must still exist. (Revoking a session doesn't raise the epoch.)
    pub fn for_session(account: &Account, session: &Session) -> Self {
        let digest_path = format!("{}.digest", array(session.kind));
        Self::of(account).only_if(digest_path, document::digest(&session.digest))
    }

    /// Adds a condition on a path that has none yet.
    pub fn only_if(mut self, path: impl Into<String>, condition: impl Into<Bson>) -> Self {
        insert_once(&mut self.filter, path.into(), condition.into());
        self
    }

    /// Adds operators to the condition on a path, if there is one. A condition that is a plain value becomes
    /// an `$eq`.
    pub fn narrow(mut self, path: &str, operators: Document) -> Self {
        let mut narrowed = match self.filter.remove(path) {
            None => Document::new(),
            Some(Bson::Document(others)) => others,
            Some(value) => doc! { "$eq": value },
        };
        for (operator, value) in operators {
            insert_once(&mut narrowed, operator, value);
        }
        self.only_if(path, narrowed)
    }

    /// Adds the condition that six-digit codes are not locked. It is the one alternative that held for the
    /// count that was read, because all nineteen take a fifth of the server's time for such a write.
    /// If it doesn't hold any more, the caller reads the account and decides again.
    pub fn only_if_codes_are_open(self, read: Counter, now: Moment) -> Self {
        let clauses = throttle::CODES.admissible(now);
        match clauses.iter().find(|clause| clause.holds(read)) {
            None => self.only_if("$or", codes_are_open(now)),
            Some(clause) => alternative(clause, "codes.failed", "codes.at")
                .into_iter()
                .fold(self, |write, (path, condition)| write.only_if(path, condition)),
        }
    }

    pub fn set(self, path: impl Into<String>, value: impl Into<Bson>) -> Self {
        self.with("$set", path, value)
    }

    /// Sets a value, unless the stored one is greater.
    pub fn at_least(self, path: impl Into<String>, value: impl Into<Bson>) -> Self {
        self.with("$max", path, value)
    }

    pub fn unset(self, path: impl Into<String>) -> Self {
        self.with("$unset", path, "")
    }

    pub fn add(self, path: impl Into<String>, amount: i64) -> Self {
        self.with("$inc", path, amount)
    }

    pub fn pull(self, path: impl Into<String>, condition: impl Into<Bson>) -> Self {
        self.with("$pull", path, condition)
    }

    /// Appends to an array, on the condition that it has fewer than `limit` elements. (`$slice` with `$sort`
    /// may drop the new element if another one is equally old.)
    pub fn push(self, path: &str, value: Document, limit: usize) -> Self {
        let last_place = format!("{path}.{}", limit.saturating_sub(1));
        self.only_if(last_place, doc! { "$exists": false }).with("$push", path, value)
    }

    /// Appends to an array, which keeps its newest elements up to `limit`.
    pub fn push_newest(
        self,
        path: impl Into<String>,
        value: impl Into<Bson>,
        limit: usize,
    ) -> Self {
        let newest = -i64::try_from(limit).unwrap_or(i64::MAX);
        self.with("$push", path, doc! { "$each": [value.into()], "$slice": newest })
    }

    /// Replaces the element whose `field` is `old`, which must exist.
    pub fn replace(self, path: &str, field: &str, old: impl Into<Bson>, value: Document) -> Self {
        let (name, old) = (format!("replaced{path}"), old.into());
        self.only_if(format!("{path}.{field}"), old.clone())
            .set(format!("{path}.$[{name}]"), value)
            .each(&format!("{name}.{field}"), old)
    }

    /// Defines which elements `$[name]` matches.
    pub fn each(mut self, name_and_field: &str, value: impl Into<Bson>) -> Self {
        let filter = doc! { name_and_field: value.into() };
        if !self.array_filters.contains(&filter) {
            self.array_filters.push(filter);
        }
        self
    }

    /// Ends every challenge and every session except the one that was `read`, which becomes `kept`, and
    /// raises the epoch. The session's count of failures is written again, so the filter contains the count
    /// that was read: if failures were counted since, the write matches nothing.
    pub fn ending_all_but(self, read: &Session, kept: &Session) -> Self {
        let unchanged =
            doc! { "digest": document::digest(&read.digest), "failed": i64::from(read.failed) };
        self.only_if(array(read.kind), doc! { "$elemMatch": unchanged }).leaving(Some(kept))
    }

    /// Ends every challenge and every session except the one that this write opens, and raises the epoch.
    pub fn ending_all_before(self, opened: &Session) -> Self {
        self.leaving(Some(opened))
    }

    /// Ends every challenge and every session, and raises the epoch.
    pub fn ending_all(self) -> Self {
        self.leaving(None)
    }

    fn leaving(self, session: Option<&Session>) -> Self {
        let kept = |kind: SessionKind| {
            let of_kind = session.filter(|session| session.kind == kind);
            let documents = of_kind.iter().map(|one| Bson::Document(document::session(one)));
            Bson::Array(documents.collect())
        };
        self.set(array(SessionKind::Cookie), kept(SessionKind::Cookie))
            .set(array(SessionKind::Bearer), kept(SessionKind::Bearer))
            .set("challenges", Bson::Array(Vec::new()))
            .raising_epoch()
    }

    /// Raises the epoch. Trusted devices, links that reset the password, and a pending change of the address end
    /// with it.
    pub fn raising_epoch(self) -> Self {
        self.unset(DEVICES)
            .unset("mail.reset")
            .unset("mail.reset_known")
            .unset("mail.change")
            .add("epoch", 1)
    }

    /// Whether there is nothing to write.
    pub fn changes_nothing(&self) -> bool {
        self.update.is_empty()
    }

    /// Writes if the filter matches, and returns whether it did.
    pub async fn apply(self, store: &Store) -> Result<bool, StoreError> {
        let users = store.users.clone();
        let outcome = within_deadline(async move {
            let update = users.update_one(self.filter, self.update);
            if self.array_filters.is_empty() {
                update.await
            } else {
                update.array_filters(self.array_filters).await
            }
        });
        Ok(outcome.await?.matched_count == 1)
    }

    /// Writes if the filter matches, and returns the account's wrong codes in a row after the write.
    pub async fn apply_and_count(self, store: &Store) -> Result<Option<u32>, StoreError> {
        let raw = self.apply_and_read("codes.failed", store).await?;
        let count = |raw: &RawDocumentBuf| {
            let codes = Fields::of("", raw)?.part("codes")?;
            codes.ok_or(BadField("codes".to_owned()))?.count("failed")
        };
        let count = raw.map(|raw| count(&raw).map_err(|bad| bad.of("users", &raw)));
        Ok(count.transpose()?)
    }

    /// The same, of wrong codes at links: zero if there was none.
    pub async fn apply_and_count_at_links(self, store: &Store) -> Result<Option<u32>, StoreError> {
        let raw = self.apply_and_read("mail.codes.failed", store).await?;
        let count = |raw: &RawDocumentBuf| {
            let mail = Fields::of("", raw)?.part("mail")?;
            let codes = mail.map(|mail| mail.part("codes")).transpose()?.flatten();
            codes.map_or(Ok(0), |codes| codes.count("failed"))
        };
        let count = raw.map(|raw| count(&raw).map_err(|bad| bad.of("users", &raw)));
        Ok(count.transpose()?)
    }

    async fn apply_and_read(
        self,
        field: &str,
        store: &Store,
    ) -> Result<Option<RawDocumentBuf>, StoreError> {
        let projection = doc! { field: 1 };
        let users = store.users.clone();
        let written = within_deadline(async move {
            users
                .find_one_and_update(self.filter, self.update)
                .with_options(
                    FindOneAndUpdateOptions::builder()
                        .array_filters(
                            (!self.array_filters.is_empty()).then_some(self.array_filters),
                        )
                        .return_document(ReturnDocument::After)
                        .projection(projection)
                        .build(),
                )
                .await
        });
        written.await
    }

    /// Deletes the account if the filter matches, and returns whether it did.
    pub async fn delete(self, store: &Store) -> Result<bool, StoreError> {
        let users = store.users.clone();
        let deleted = within_deadline(async move { users.delete_one(self.filter).await });
        Ok(deleted.await?.deleted_count == 1)
    }

    /// Adds a change. A later one of the same path replaces an earlier `$unset`, because one update cannot
    /// have both.
    fn with(mut self, operator: &str, path: impl Into<String>, value: impl Into<Bson>) -> Self {
        let path = path.into();
        if let Ok(unset) = self.update.get_document_mut("$unset") {
            unset.remove(&path);
        }
        match self.update.get_document_mut(operator) {
            Ok(fields) => insert_once(fields, path, value.into()),
            Err(_) => {
                self.update.insert(operator, doc! { path: value.into() });
            }
        }
        self
    }
}

/// Inserts a value that must not replace another one: neither a condition nor a field's update may get lost.
fn insert_once(document: &mut Document, path: String, value: Bson) {
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
pub(super) fn alternative(clause: &Clause, failed: &str, at: &str) -> Document {
    let mut range = doc! { "$gte": i64::from(clause.from) };
    if clause.to != u32::MAX {
        range.insert("$lte", i64::from(clause.to));
    }
    let mut filter = doc! { failed: range };
    if let Some(latest) = clause.at_or_before {
        filter.insert(at, doc! { "$lte": document::at(latest) });
    }
    filter
}
