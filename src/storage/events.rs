//! Security events, written in batches in the background and read in pages.

use bson::raw::RawBsonRef;
use bson::{Document, RawDocumentBuf, doc};
use chrono::TimeDelta;
use mongodb::options::FindOptions;

use super::document::{at, binary, id};
use super::error::StoreError;
use super::fields::{BadField, Fields};
use super::store::{Store, within_deadline};
use crate::domain::clock::Moment;
use crate::domain::event::{Cause, EventId, RecordedEvent, SecurityEvent};
use crate::domain::event_page::EventCursor;
use crate::domain::ids::UserId;
use crate::metrics::Command;

impl Store {
    /// Writes events that expire after `kept`. An event that already exists is not changed, so a batch can be
    /// written again if the outcome of a write is unknown.
    pub async fn insert_events(
        &self,
        events: &[SecurityEvent],
        kept: TimeDelta,
    ) -> Result<(), StoreError> {
        let documents: Vec<Document> = events.iter().map(|event| document(event, kept)).collect();
        let collection = self.events.clone_with_type::<Document>();
        let inserted = within_deadline(self.metrics.begin(Command::Insert), async move {
            collection.insert_many(documents).ordered(false).await.map(|_| ())
        });
        match inserted.await {
            Err(StoreError::Duplicate) => Ok(()),
            outcome => outcome,
        }
    }

    /// Events of an account, newest first: at most `limit`, after the cursor, and none from before `since`,
    /// even if they have not been deleted yet.
    pub async fn events(
        &self,
        user: UserId,
        after: Option<EventCursor>,
        limit: usize,
        since: Moment,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let mut filter = doc! { "user": id(user), "at": { "$gt": at(since) } };
        if let Some(cursor) = after {
            // With this bound the index scan starts at the cursor; with `$or` alone it would scan up to it.
            filter = doc! {
                "user": id(user),
                "at": { "$gt": at(since), "$lte": at(cursor.at) },
                "$or": [
                    { "at": { "$lt": at(cursor.at) } },
                    { "at": at(cursor.at), "_id": { "$lt": binary(&cursor.id.bytes()) } },
                ],
            };
        }
        let options = FindOptions::builder()
            .sort(doc! { "at": -1, "_id": -1 })
            .limit(i64::try_from(limit).unwrap_or(i64::MAX))
            .build();
        let raw = self.collect_events(filter, options).await?;
        raw.iter().map(read).collect()
    }

    async fn collect_events(
        &self,
        filter: Document,
        options: FindOptions,
    ) -> Result<Vec<RawDocumentBuf>, StoreError> {
        use futures_util::TryStreamExt;
        let collection = self.events.clone();
        within_deadline(self.metrics.begin(Command::Find), async move {
            collection.find(filter).with_options(options).await?.try_collect().await
        })
        .await
    }
}

/// A document of `security_events`. `ip` is absent if the operator or the service caused the event. A TTL index deletes the
/// document when it `expires`.
fn document(event: &SecurityEvent, kept: TimeDelta) -> Document {
    let mut document = doc! {
        "_id": binary(&event.id.bytes()),
        "user": id(event.user),
        "kind": event.kind.as_str(),
        "at": at(event.at),
        "expires": at(event.at + kept),
    };
    if let Cause::Client { ip, user_agent } = &event.cause {
        document.insert("ip", ip.as_str());
        document.insert("user_agent", user_agent.as_str());
    }
    document
}

fn read(raw: &RawDocumentBuf) -> Result<RecordedEvent, StoreError> {
    Ok(read_fields(raw).map_err(|bad| bad.of("security_events", raw))?)
}

fn read_fields(raw: &RawDocumentBuf) -> Result<RecordedEvent, BadField> {
    let fields = Fields::of("", raw)?;
    let cause = match fields.optional("ip", RawBsonRef::as_str)? {
        None => Cause::Operator,
        Some(ip) => {
            Cause::Client { ip: ip.to_owned(), user_agent: fields.text("user_agent")?.to_owned() }
        }
    };
    let id = fields.required("_id", |id| id.as_binary()?.bytes.try_into().ok())?;
    Ok(RecordedEvent {
        id: EventId::from_bytes(id),
        kind: fields.text("kind")?.to_owned(),
        at: fields.moment("at")?,
        cause,
    })
}
