//! Counting an attempt before it is made. The filter of the write is the rule.

use std::sync::Arc;

use bson::{Binary, DateTime, Document, doc};
use chrono::TimeDelta;

use super::counter::{Admission, Charged, ThrottleKey, read};
use crate::domain::clock::Moment;
use crate::domain::throttle::{Measures, TURN_EVERY, Throttle};
use crate::metrics::Command;
use crate::storage::document::{self, at};
use crate::storage::error::StoreError;
use crate::storage::guard::alternative;
use crate::storage::store::{Store, within_deadline};

/// A counter that an attempt is to be counted by.
#[derive(Clone, Copy, Debug)]
pub struct Counting {
    /// Which counter.
    pub key: ThrottleKey,
    /// Its rule.
    pub throttle: Throttle,
    /// How the attempt is admitted.
    pub admission: Admission,
}

impl Counting {
    fn charged(&self, now: Moment) -> Charged {
        Charged { key: self.key, at: now, admission: self.admission }
    }
}

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
        let counting = Counting { key, throttle: *throttle, admission };
        let waiting = self.charge_all(&[counting], now, &mut Vec::new()).await?;
        Ok(waiting.map_or(Ok(counting.charged(now)), Err))
    }

    /// Counts an attempt by several counters in one command, in their order, and stops at the first that doesn't
    /// admit it. What is counted is added to `charged`.
    ///
    /// Returns how long to wait, if one doesn't admit it.
    pub async fn charge_all(
        &self,
        counters: &[Counting],
        now: Moment,
        charged: &mut Vec<Charged>,
    ) -> Result<Option<TimeDelta>, StoreError> {
        if counters.is_empty() {
            return Ok(None);
        }
        let before = charged.len();
        // A race for a new counter fails as a refusal does, and is tried again.
        for _ in 0..3 * counters.len() {
            let left = || counters.iter().skip(charged.len() - before);
            let done = self.count(left().copied().collect(), now).await?;
            let refused = left().nth(done).copied();
            let counted: Vec<Charged> = left().take(done).map(|one| one.charged(now)).collect();
            charged.extend(counted);
            let Some(refused) = refused else { return Ok(None) };
            if let Some(wait) = self.wait(refused, now).await? {
                return Ok(Some(wait));
            }
        }
        Err(StoreError::Unavailable)
    }

    /// Counts until a counter refuses, and returns how many did not. If the filter doesn't match an existing
    /// counter, its upsert inserts one, which fails because `_id` is unique.
    async fn count(&self, counters: Vec<Counting>, now: Moment) -> Result<usize, StoreError> {
        let statements: Vec<Document> = counters.iter().map(|one| statement(one, now)).collect();
        let command = doc! {
            "update": self.throttles.name(), "updates": statements, "ordered": true,
        };
        let concern = self.throttles.write_concern().cloned();
        let commands = Arc::clone(&self.commands);
        let running = self.metrics.begin(Command::Update);
        let reply =
            within_deadline(running, async move { commands.run(command, concern).await }).await?;
        counted_before_a_refusal(&reply, counters.len())
    }

    async fn wait(&self, refused: Counting, now: Moment) -> Result<Option<TimeDelta>, StoreError> {
        let Counting { key, throttle, admission } = refused;
        let filter = doc! { "_id": key.id() };
        let throttles = self.throttles.clone();
        let found = within_deadline(self.metrics.begin(Command::Find), async move {
            throttles.find_one(filter).await
        })
        .await?;
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

/// An element of `updates`.
fn statement(of: &Counting, now: Moment) -> Document {
    let mut filter = doc! { "_id": of.key.id() };
    if of.admission != Admission::Always {
        filter.insert("$or", alternatives(&of.throttle, of.admission, now));
    }
    let update = vec![doc! { "$set": counted(&of.throttle, of.admission, now) }];
    doc! { "q": filter, "u": update, "upsert": true }
}

/// How many statements of an ordered command were executed before one was refused.
fn counted_before_a_refusal(reply: &Document, count: usize) -> Result<usize, StoreError> {
    const DUPLICATE_KEY: i32 = 11_000;
    if reply.contains_key("writeConcernError") {
        return Err(StoreError::Unavailable);
    }
    let mut errors = reply.get_array("writeErrors").into_iter().flatten();
    let Some(error) = errors.next() else { return Ok(count) };
    let number = |name| error.as_document().and_then(|error| error.get_i32(name).ok());
    match (number("code"), number("index").map(usize::try_from)) {
        (Some(DUPLICATE_KEY), Some(Ok(index))) if index < count => Ok(index),
        (code, _) => {
            Err(StoreError::Refused { code: code.unwrap_or_default(), name: String::new() })
        }
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
        "before": { "at": "$at", "shared_at": "$shared_at" },
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
