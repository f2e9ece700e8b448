//! The indexes that rules depend on.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bson::{Document, RawDocumentBuf, doc};
use mongodb::options::IndexOptions;
use mongodb::{Collection, IndexModel};

use super::error::StoreError;
use super::store::{Store, within_deadline};
use crate::metrics::Command;

impl Store {
    /// Creates the indexes, if they don't exist: email addresses are unique, throttles and events expire,
    /// and an account's events are found by their time.
    ///
    /// # Errors
    ///
    /// [`StoreError::Duplicate`] if two accounts already share an email address.
    pub async fn ensure_indexes(&self) -> Result<(), StoreError> {
        for (collection, indexes) in self.indexes() {
            let collection = collection.clone();
            within_deadline(self.metrics.begin(Command::CreateIndexes), async move {
                collection.create_indexes(indexes).await
            })
            .await?;
        }
        self.shared.indexed.store(true, Ordering::SeqCst);
        tracing::info!("database ready, indexes exist");
        Ok(())
    }

    /// The indexes of each collection: one account for each address and for each passkey, throttles and events that
    /// expire, and an account's events by their time.
    pub(super) fn indexes(&self) -> [(&Collection<RawDocumentBuf>, Vec<IndexModel>); 4] {
        let unique = IndexOptions::builder().unique(true).build();
        let by_email = index(doc! { "email": 1 }, unique);
        let unique_if_any = IndexOptions::builder().unique(true).sparse(true).build();
        let by_passkey = index(doc! { "passkeys.id": 1 }, unique_if_any);
        let expiring = IndexOptions::builder().expire_after(Duration::ZERO).build();
        let by_end = index(doc! { "expires": 1 }, expiring);
        let by_time = index(doc! { "user": 1, "at": -1, "_id": -1 }, IndexOptions::default());
        let by_due = index(doc! { "due": 1 }, IndexOptions::default());
        [
            (&self.users, vec![by_email, by_passkey]),
            (&self.throttles, vec![by_end.clone()]),
            (&self.events, vec![by_end.clone(), by_time]),
            (&self.outbox, vec![by_end, by_due]),
        ]
    }
}

fn index(keys: Document, options: IndexOptions) -> IndexModel {
    IndexModel::builder().keys(keys).options(options).build()
}
