//! The indexes that rules rest on.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bson::{Document, doc};
use mongodb::IndexModel;
use mongodb::options::IndexOptions;

use super::{Store, StoreError, within_deadline};

impl Store {
    /// Makes sure of the indexes: one account an address, and throttles that go when they are over.
    ///
    /// # Errors
    ///
    /// [`StoreError::Duplicate`] where two accounts share an address already.
    pub async fn ensure_indexes(&self) -> Result<(), StoreError> {
        let unique = IndexOptions::builder().unique(true).build();
        let users = self.users.clone();
        let by_email = index(doc! { "email": 1 }, unique);
        within_deadline(async move { users.create_index(by_email).await }).await?;

        let expiring = IndexOptions::builder().expire_after(Duration::ZERO).build();
        let throttles = self.throttles.clone();
        let by_end = index(doc! { "expires": 1 }, expiring);
        within_deadline(async move { throttles.create_index(by_end).await }).await?;

        self.indexed.store(true, Ordering::SeqCst);
        tracing::info!("the database answers and has its indexes");
        Ok(())
    }
}

fn index(keys: Document, options: IndexOptions) -> IndexModel {
    IndexModel::builder().keys(keys).options(options).build()
}
