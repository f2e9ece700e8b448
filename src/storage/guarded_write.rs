//! One write of one account, with a filter as its precondition.

use bson::oid::ObjectId;
use bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::Collection;
use mongodb::options::{FindOneAndUpdateOptions, ReturnDocument};

use super::devices::DEVICES;
use super::document::{self, array};
use super::error::StoreError;
use super::fields::{BadField, Fields};
use super::guard::{Guard, alternative, codes_are_open, insert_once};
use super::store::{Store, within_deadline};
use crate::domain::account::Account;
use crate::domain::clock::Moment;
use crate::domain::session::{Session, SessionKind};
use crate::domain::throttle::{self, Counter};
use crate::metrics::Command;

/// An update of an account's document, and its preconditions.
#[derive(Clone)]
pub(super) struct GuardedWrite {
    account: ObjectId,
    guard: Guard,
    update: Document,
    array_filters: Vec<Document>,
}

/// A guarded write as the parts of a command.
pub(super) struct Statement {
    pub filter: Document,
    pub update: Document,
    pub array_filters: Vec<Document>,
}

impl GuardedWrite {
    /// A write that requires the account's credentials to be those that were read.
    pub fn of(account: &Account) -> Self {
        Self::whenever(account).only_if("epoch", account.epoch.0)
    }

    /// A write that has no precondition but that the account exists.
    pub fn whenever(account: &Account) -> Self {
        Self {
            account: document::id(account.id),
            guard: Guard::default(),
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
        self.guard.add(path.into(), condition.into());
        self
    }

    /// Adds operators to the condition on a path, if there is one. A condition that is a plain value becomes
    /// an `$eq`.
    pub fn narrow(mut self, path: &str, operators: Document) -> Self {
        self.guard.narrow(path, operators);
        self
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

    /// The account that it writes.
    pub fn account(&self) -> ObjectId {
        self.account
    }

    /// Its filter and its update.
    ///
    /// # Errors
    ///
    /// [`StoreError::InvalidWrite`] if a condition names an `_id`.
    pub fn statement(self) -> Result<Statement, StoreError> {
        let filter = self.guard.on(self.account)?;
        Ok(Statement { filter, update: self.update, array_filters: self.array_filters })
    }

    /// Writes if the filter matches, and returns whether it did.
    pub async fn apply(self, store: &Store) -> Result<bool, StoreError> {
        let (users, statement) = (store.users.clone(), self.statement()?);
        within_deadline(
            store.metrics.begin(Command::Update),
            async move { statement.run(&users).await },
        )
        .await
    }

    /// Writes if the filter matches, in one command with others, and returns whether it did. For writes that
    /// change no path of a unique index.
    pub async fn apply_in_group(self, store: &Store) -> Result<bool, StoreError> {
        store.writes.apply(self).await
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
        let Statement { filter, update, array_filters } = self.statement()?;
        let options = FindOneAndUpdateOptions::builder()
            .array_filters((!array_filters.is_empty()).then_some(array_filters))
            .return_document(ReturnDocument::After)
            .projection(doc! { field: 1 })
            .build();
        let users = store.users.clone();
        within_deadline(store.metrics.begin(Command::FindAndModify), async move {
            users.find_one_and_update(filter, update).with_options(options).await
        })
        .await
    }

    /// Deletes the account if the filter matches, and returns whether it did.
    pub async fn delete(self, store: &Store) -> Result<bool, StoreError> {
        let (users, filter) = (store.users.clone(), self.guard.on(self.account)?);
        let deleted = within_deadline(store.metrics.begin(Command::Delete), async move {
            users.delete_one(filter).await
        });
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

impl Statement {
    /// Runs it alone, and returns whether its filter matched.
    pub async fn run(self, users: &Collection<RawDocumentBuf>) -> mongodb::error::Result<bool> {
        let update = users.update_one(self.filter, self.update);
        let outcome = if self.array_filters.is_empty() {
            update.await
        } else {
            update.array_filters(self.array_filters).await
        };
        Ok(outcome?.matched_count == 1)
    }
}
