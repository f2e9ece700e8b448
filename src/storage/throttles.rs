//! Counters of attempts that belong to no account's document: they exist for unknown addresses too.

use bson::spec::BinarySubtype;
use bson::{Binary, DateTime, Document, RawDocumentBuf, doc};
use mongodb::options::ReturnDocument;
use serde::Deserialize;

use super::document::{at, read_moment};
use super::guarded_write::alternative;
use super::reading::read_count;
use super::{Store, StoreError, within_deadline};
use crate::domain::clock::Moment;
use crate::domain::digest::Digest;
use crate::domain::throttle::{Counter, Measures, Throttle};

/// What is counted, as keyed digests: what it is about, and the part of it that this counter is for.
///
/// Both are stored in one `_id`, the first part in front, so that everything about an address is a
/// range of the index that every collection has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleKey {
    /// An address or a network.
    pub about: Digest,
    /// One network, of whose attempts on the address it is; without it, all.
    pub part: Option<Digest>,
}

impl ThrottleKey {
    fn id(&self) -> Binary {
        let part = self.part.map_or([0; 32], |part| *part.bytes());
        let bytes = [self.about.bytes().as_slice(), &part].concat();
        Binary { subtype: BinarySubtype::Generic, bytes }
    }

    /// Every key about the same.
    fn all_about(about: &Digest) -> Document {
        let parts = [None, Some(Digest::from_bytes([u8::MAX; 32]))];
        let [first, last] = parts.map(|part| Self { about: *about, part }.id());
        doc! { "_id": { "$gte": first, "$lte": last } }
    }
}

/// Who asks to be admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Only if the throttle admits it.
    Limited,
    /// As one of the strangers who share what a throttle admits.
    Shared,
    /// In any case: it counts, and does not wait.
    Always,
}

/// An attempt that was admitted and counted.
#[derive(Clone, Copy, Debug)]
pub struct Charged {
    key: ThrottleKey,
    at: Moment,
    before: Option<Before>,
}

#[derive(Clone, Copy, Debug)]
struct Before {
    at: Moment,
    shared_at: Option<Moment>,
}

/// A document of `throttles`. `shared_at` is when the strangers last had their turn.
#[derive(Clone, Copy, Deserialize)]
struct ThrottleDocument {
    failed: i64,
    at: DateTime,
    #[serde(default)]
    shared_at: Option<DateTime>,
}

impl Store {
    /// Counts an attempt, if the throttle admits one: the rule is the filter of the write, so of any
    /// number of simultaneous attempts no more pass than may.
    ///
    /// # Errors
    ///
    /// The database's. The inner error is how long to wait.
    pub async fn charge(
        &self,
        key: ThrottleKey,
        throttle: &Throttle,
        admission: Admission,
        now: Moment,
    ) -> Result<Result<Charged, chrono::TimeDelta>, StoreError> {
        let mut filter = doc! { "_id": key.id() };
        if admission != Admission::Always {
            let clauses = throttle.admissible(now);
            let measured = measured_field(admission);
            let alternatives: Vec<Document> =
                clauses.iter().map(|clause| alternative(clause, "failed", measured)).collect();
            filter.insert("$or", alternatives);
        }
        let update = vec![doc! { "$set": counted(throttle, admission, now) }];
        // A key that exists and is not admitted makes the upsert insert a second one, which the
        // unique `_id` refuses. So does a race for a new key, and that one is tried again.
        for _ in 0..3 {
            let (throttles, filter, update) =
                (self.throttles.clone(), filter.clone(), update.clone());
            let charged = within_deadline(async move {
                throttles
                    .find_one_and_update(filter, update)
                    .upsert(true)
                    .return_document(ReturnDocument::Before)
                    .await
            });
            match charged.await {
                Ok(before) => {
                    let before =
                        before.map(|raw| read(&raw)).transpose()?.map(Before::of).transpose()?;
                    return Ok(Ok(Charged { key, at: now, before }));
                }
                Err(StoreError::Duplicate) => {}
                Err(error) => return Err(error),
            }
            if let Some(wait) = self.wait(key, throttle, admission, now).await? {
                return Ok(Err(wait));
            }
        }
        Err(StoreError::Unavailable)
    }

    /// Forgets counters: the rows of failures are broken.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn forget(&self, charged: &[Charged]) -> Result<(), StoreError> {
        let ids: Vec<Binary> = charged.iter().map(|charged| charged.key.id()).collect();
        let filter = doc! { "_id": { "$in": ids } };
        let throttles = self.throttles.clone();
        within_deadline(async move { throttles.delete_many(filter).await }).await?;
        Ok(())
    }

    /// Forgets every counter about an address.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn forget_about(&self, about: &Digest) -> Result<(), StoreError> {
        let filter = ThrottleKey::all_about(about);
        let throttles = self.throttles.clone();
        within_deadline(async move { throttles.delete_many(filter).await }).await?;
        Ok(())
    }

    /// The counters about an address: that of all networks, and those of each.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn counters_about(
        &self,
        about: &Digest,
    ) -> Result<(Option<Counter>, Vec<Counter>), StoreError> {
        use futures_util::TryStreamExt;
        let filter = ThrottleKey::all_about(about);
        let whole = ThrottleKey { about: *about, part: None }.id();
        let throttles = self.throttles.clone();
        let found: Vec<RawDocumentBuf> =
            within_deadline(async move { throttles.find(filter).await?.try_collect().await })
                .await?;
        let (mut of_all, mut of_each) = (None, Vec::new());
        for raw in &found {
            let counter = read(raw)?.counter(Admission::Limited)?;
            let is_whole = raw.get_binary("_id").is_ok_and(|id| id.bytes == whole.bytes);
            if is_whole { of_all = Some(counter) } else { of_each.push(counter) }
        }
        Ok((of_all, of_each))
    }

    /// Takes one attempt back, as if it had not been made.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn refund(&self, charged: &Charged) -> Result<(), StoreError> {
        let filter = doc! { "_id": charged.key.id(), "failed": { "$gt": 0 } };
        let mine = doc! { "$eq": ["$at", at(charged.at)] };
        let mut restored = doc! { "failed": { "$subtract": ["$failed", 1] } };
        if let Some(before) = charged.before {
            restored.insert("at", doc! { "$cond": [mine, at(before.at), "$at"] });
            if let Some(shared_at) = before.shared_at {
                let mine = doc! { "$eq": ["$shared_at", at(charged.at)] };
                restored.insert("shared_at", doc! { "$cond": [mine, at(shared_at), "$shared_at"] });
            }
        }
        let update = vec![doc! { "$set": restored }];
        let throttles = self.throttles.clone();
        within_deadline(async move { throttles.update_one(filter, update).await }).await?;
        Ok(())
    }

    async fn wait(
        &self,
        key: ThrottleKey,
        throttle: &Throttle,
        admission: Admission,
        now: Moment,
    ) -> Result<Option<chrono::TimeDelta>, StoreError> {
        let filter = doc! { "_id": key.id() };
        let throttles = self.throttles.clone();
        let found = within_deadline(async move { throttles.find_one(filter).await }).await?;
        let Some(document) = found.map(|raw| read(&raw)).transpose()? else {
            return Ok(None);
        };
        let counter = document.counter(admission)?;
        Ok((!throttle.admits(counter, now)).then(|| throttle.retry_after(counter, now)))
    }
}

/// The counter after this attempt: failures of an earlier window are forgotten, which `$inc` cannot.
fn counted(throttle: &Throttle, admission: Admission, now: Moment) -> Document {
    let cutoff = at(now - throttle.window());
    let in_window = doc! { "$gt": ["$at", cutoff] };
    let failed = doc! { "$cond": [in_window.clone(), { "$add": ["$failed", 1] }, 1] };
    let measured_from = match throttle.measures {
        Measures::LastFailure => doc! { "$literal": at(now) },
        Measures::WindowStart => doc! { "$cond": [in_window, "$at", at(now)] },
    };
    let mut counted = doc! {
        "failed": failed,
        "at": measured_from,
        "expires": at(now + throttle.window() * 2),
    };
    match admission {
        Admission::Limited => {}
        Admission::Shared => {
            counted.insert("shared_at", at(now));
        }
        // Without a turn to compare with, the strangers' filter could never hold.
        Admission::Always => {
            counted
                .insert("shared_at", doc! { "$ifNull": ["$shared_at", DateTime::from_millis(0)] });
        }
    }
    counted
}

fn measured_field(admission: Admission) -> &'static str {
    match admission {
        Admission::Shared => "shared_at",
        Admission::Limited | Admission::Always => "at",
    }
}

fn read(raw: &RawDocumentBuf) -> Result<ThrottleDocument, StoreError> {
    bson::deserialize_from_slice(raw.as_bytes())
        .map_err(|_cause| StoreError::Malformed("a throttle"))
}

impl ThrottleDocument {
    fn counter(&self, admission: Admission) -> Result<Counter, StoreError> {
        let measured = match admission {
            Admission::Shared => self.shared_at.unwrap_or(DateTime::from_millis(0)),
            Admission::Limited | Admission::Always => self.at,
        };
        Ok(Counter { failed: read_count(self.failed), at: read_moment(measured)? })
    }
}

impl Before {
    fn of(document: ThrottleDocument) -> Result<Self, StoreError> {
        Ok(Self {
            at: read_moment(document.at)?,
            shared_at: document.shared_at.map(read_moment).transpose()?,
        })
    }
}
