//! Taking back and resetting counters.

use bson::{Binary, Document, doc};

use super::counter::{Admission, Charged, ThrottleKey};
use crate::domain::digest::Digest;
use crate::metrics::Command;
use crate::storage::document::{self, at};
use crate::storage::error::StoreError;
use crate::storage::store::{Store, within_deadline};

impl Store {
    /// Deletes counters, after a success.
    pub async fn forget(&self, charged: &[Charged]) -> Result<(), StoreError> {
        let ids: Vec<Binary> = charged.iter().map(|charged| charged.key.id()).collect();
        self.delete_throttles(doc! { "_id": { "$in": ids } }).await
    }

    /// Deletes every counter about an address, a network or an account.
    pub async fn forget_about(&self, about: &Digest) -> Result<(), StoreError> {
        self.delete_throttles(ThrottleKey::all_about(about)).await
    }

    async fn delete_throttles(&self, filter: Document) -> Result<(), StoreError> {
        let throttles = self.throttles.clone();
        within_deadline(self.metrics.begin(Command::Delete), async move {
            throttles.delete_many(filter).await
        })
        .await?;
        Ok(())
    }

    /// Takes one attempt back, as if it had not been made. A counter that reaches 0 is deleted.
    pub async fn refund(&self, charged: &Charged) -> Result<(), StoreError> {
        // Another attempt may be counted or taken back between the two writes, so both are tried again.
        for _ in 0..3 {
            if self.delete_last(charged).await? || self.subtract_one(charged).await? {
                break;
            }
        }
        Ok(())
    }

    /// Deletes the counter if it contains no other attempt, and returns whether it did.
    async fn delete_last(&self, charged: &Charged) -> Result<bool, StoreError> {
        let filter = doc! { "_id": charged.key.id(), "failed": { "$lte": 1 } };
        let throttles = self.throttles.clone();
        let deleted = within_deadline(self.metrics.begin(Command::Delete), async move {
            throttles.delete_one(filter).await
        })
        .await?;
        Ok(deleted.deleted_count == 1)
    }

    /// Subtracts one from the counter if it contains others, and returns whether it did.
    async fn subtract_one(&self, charged: &Charged) -> Result<bool, StoreError> {
        let filter = doc! { "_id": charged.key.id(), "failed": { "$gt": 1 } };
        let update = vec![doc! { "$set": restored(charged) }];
        let throttles = self.throttles.clone();
        let updated = within_deadline(self.metrics.begin(Command::Update), async move {
            throttles.update_one(filter, update).await
        })
        .await?;
        Ok(updated.matched_count == 1)
    }
}

/// The counter without this attempt. Its times are restored unless a later attempt has set them.
fn restored(charged: &Charged) -> Document {
    let mine = |field: &str| doc! { "$eq": [field, at(charged.at)] };
    let before = |now: &str, before: &str| doc! { "$ifNull": [before, now] };
    let mut restored = doc! {
        "failed": { "$subtract": ["$failed", 1] },
        "at": { "$cond": [mine("$at"), before("$at", "$before.at"), "$at"] },
        "shared_at": { "$cond": [
            mine("$shared_at"),
            before("$shared_at", "$before.shared_at"),
            // A field that is missing stays so.
            { "$ifNull": ["$shared_at", "$$REMOVE"] },
        ] },
    };
    if let Admission::Shared(site) = charged.admission {
        let own = doc! { "$and": [
            { "$eq": ["$$this.site", { "$literal": document::digest(&site) }] },
            { "$eq": ["$$this.at", at(charged.at)] },
        ] };
        let others = doc! { "$filter": { "input": "$turns", "cond": { "$not": [own] } } };
        restored.insert("turns", doc! { "$cond": [{ "$isArray": "$turns" }, others, "$$REMOVE"] });
    }
    restored
}
