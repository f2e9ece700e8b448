//! Security events, written in batches in the background and read in pages.

use bson::spec::BinarySubtype;
use bson::{Binary, DateTime, Document, RawDocumentBuf, doc};
use chrono::TimeDelta;
use mongodb::options::FindOptions;
use serde::{Deserialize, Serialize};

use super::document::{at, id, read_moment};
use super::error::StoreError;
use super::store::{Store, within_deadline};
use crate::domain::clock::Moment;
use crate::domain::event::{Cause, EventId, RecordedEvent, SecurityEvent};
use crate::domain::event_page::EventCursor;
use crate::domain::ids::UserId;

/// A document of `security_events`. `ip` is absent if the operator caused the event. A TTL index deletes the
/// document when it `expires`.
#[derive(Serialize, Deserialize)]
struct EventDocument {
    #[serde(rename = "_id")]
    id: Binary,
    user: bson::oid::ObjectId,
    kind: String,
    at: DateTime,
    expires: DateTime,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
}

impl Store {
    /// Writes events that expire after `kept`. An event that already exists is not changed, so a batch can be
    /// written again if the outcome of a write is unknown.
    pub async fn insert_events(
        &self,
        events: &[SecurityEvent],
        kept: TimeDelta,
    ) -> Result<(), StoreError> {
        let documents: Result<Vec<RawDocumentBuf>, _> = events
            .iter()
            .map(|event| bson::serialize_to_raw_document_buf(&EventDocument::of(event, kept)))
            .collect();
        let documents = documents.map_err(|_cause| StoreError::Malformed("an event"))?;
        let collection = self.events.clone();
        let inserted = within_deadline(async move {
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
                    { "at": at(cursor.at), "_id": { "$lt": binary(cursor.id) } },
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
        within_deadline(async move {
            collection.find(filter).with_options(options).await?.try_collect().await
        })
        .await
    }
}

impl EventDocument {
    fn of(event: &SecurityEvent, kept: TimeDelta) -> Self {
        let (ip, user_agent) = match &event.cause {
            Cause::Operator => (None, None),
            Cause::Client { ip, user_agent } => (Some(ip.clone()), Some(user_agent.clone())),
        };
        Self {
            id: binary(event.id),
            user: id(event.user),
            kind: event.kind.as_str().to_owned(),
            at: at(event.at),
            expires: at(event.at + kept),
            ip,
            user_agent,
        }
    }
}

fn binary(id: EventId) -> Binary {
    Binary { subtype: BinarySubtype::Generic, bytes: id.bytes().to_vec() }
}

fn read(raw: &RawDocumentBuf) -> Result<RecordedEvent, StoreError> {
    let malformed = || StoreError::Malformed("an event");
    let document: EventDocument =
        bson::deserialize_from_slice(raw.as_bytes()).map_err(|_cause| malformed())?;
    let id: [u8; 16] = document.id.bytes.try_into().map_err(|_cause| malformed())?;
    let cause = match document.ip {
        None => Cause::Operator,
        Some(ip) => Cause::Client { ip, user_agent: document.user_agent.unwrap_or_default() },
    };
    Ok(RecordedEvent {
        id: EventId::from_bytes(id),
        kind: document.kind,
        at: read_moment(document.at)?,
        cause,
    })
}
