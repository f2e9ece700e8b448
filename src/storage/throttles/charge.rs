//! Counting an attempt before it is made. The filter of the write is the rule.

use bson::{Binary, DateTime, Document, doc};
use chrono::TimeDelta;
use mongodb::options::ReturnDocument;

use super::counter::{Admission, Charged, ThrottleKey, read};
use crate::domain::clock::Moment;
use crate::domain::throttle::{Measures, TURN_EVERY, Throttle};
use crate::storage::document::{self, at};
use crate::storage::error::StoreError;
use crate::storage::guard::alternative;
use crate::storage::store::{Store, within_deadline};

impl Store {
    /// Counts an attempt if the throttle admits it. The limit also holds for simultaneous attempts.
    ///
    /// The inner error is how long to wait.
    pub async fn charge(
        &self,
        key: ThrottleKey,
        throttle: &Throttle,
        admission: Admission,
        now: Moment,
    ) -> Result<Result<Charged, TimeDelta>, StoreError> {
        let mut filter = doc! { "_id": key.id() };
        if admission != Admission::Always {
            filter.insert("$or", alternatives(throttle, admission, now));
        }
        let update = vec![doc! { "$set": counted(throttle, admission, now) }];
        // If the filter doesn't match an existing counter, the upsert inserts one, which fails because `_id`
        // is unique. A race for a new counter fails in the same way, and is retried.
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
                Ok(found) => {
                    let before =
                        found.map(|raw| Ok::<_, StoreError>(read(&raw)?.before())).transpose()?;
                    return Ok(Ok(Charged { key, at: now, admission, before }));
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

    async fn wait(
        &self,
        key: ThrottleKey,
        throttle: &Throttle,
        admission: Admission,
        now: Moment,
    ) -> Result<Option<TimeDelta>, StoreError> {
        let filter = doc! { "_id": key.id() };
        let throttles = self.throttles.clone();
        let found = within_deadline(async move { throttles.find_one(filter).await }).await?;
        let Some(document) = found.map(|raw| read(&raw)).transpose()? else {
            return Ok(None);
        };
        let counter = document.counter(admission);
        let shared = (!throttle.admits(counter, now)).then(|| throttle.retry_after(counter, now));
        let own = document.last_turn(admission).map(|turn| turn + TURN_EVERY - now);
        let own = own.filter(|wait| throttle.is_reached(counter, now) && *wait > TimeDelta::zero());
        Ok(shared.max(own))
    }
}

/// The alternatives under which an attempt is admitted. If strangers share checks, the site must not have
/// had one recently.
fn alternatives(throttle: &Throttle, admission: Admission, now: Moment) -> Vec<Document> {
    let measured = match admission {
        Admission::Shared(_) => "shared_at",
        Admission::Limited | Admission::Always => "at",
    };
    let clauses = throttle.admissible(now);
    let of_clause = |clause| {
        let mut filter = alternative(clause, "failed", measured);
        if let (Admission::Shared(site), Some(_)) = (admission, clause.at_or_before) {
            let recent =
                doc! { "site": document::digest(&site), "at": { "$gt": at(now - TURN_EVERY) } };
            filter.insert("turns", doc! { "$not": { "$elemMatch": recent } });
        }
        filter
    };
    clauses.iter().map(of_clause).collect()
}

/// The counter after this attempt. Failures of an earlier window don't count any more, which `$inc` cannot
/// express.
fn counted(throttle: &Throttle, admission: Admission, now: Moment) -> Document {
    let cutoff = at(now - throttle.window());
    let in_window = doc! { "$gt": ["$at", cutoff] };
    let failed = doc! { "$cond": [in_window.clone(), { "$add": ["$failed", 1] }, 1] };
    let measured_from = match throttle.measures {
        Measures::LastFailure => doc! { "$literal": at(now) },
        Measures::WindowStart => doc! { "$cond": [in_window.clone(), "$at", at(now)] },
    };
    let mut counted = doc! {
        "failed": failed,
        "at": measured_from,
        "expires": at(now + throttle.window() * 2),
    };
    match admission {
        Admission::Limited => {}
        Admission::Shared(site) => {
            let ceiling = i64::from(throttle.ceiling());
            let is_shared = doc! { "$and": [in_window, { "$gte": ["$failed", ceiling] }] };
            let turns = with_turn(document::digest(&site), now);
            counted.insert("shared_at", at(now));
            counted.insert("turns", doc! { "$cond": [is_shared, turns, "$$REMOVE"] });
        }
        // The filter for strangers never matches a document without this field.
        Admission::Always => {
            counted
                .insert("shared_at", doc! { "$ifNull": ["$shared_at", DateTime::from_millis(0)] });
        }
    }
    counted
}

/// The recent turns, and a new one of `site`. They are few, because there is one check a minute.
fn with_turn(site: Binary, now: Moment) -> Document {
    let counts = doc! { "$gt": ["$$this.at", at(now - TURN_EVERY)] };
    let turns = doc! { "$ifNull": ["$turns", []] };
    let counting = doc! { "$filter": { "input": turns, "cond": counts } };
    doc! { "$concatArrays": [counting, [{ "site": { "$literal": site }, "at": at(now) }]] }
}
