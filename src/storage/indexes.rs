//! The indexes that rules depend on.

use std::sync::atomic::Ordering;
use std::time::Duration;

use bson::{Document, doc};
use mongodb::IndexModel;
use mongodb::options::IndexOptions;

use super::error::StoreError;
use super::store::{Store, within_deadline};

impl Store {
    /// Creates the indexes, if they don't exist: email addresses are unique, throttles and events expire,
    /// and an account's events are found by their time.
    ///
    /// # Errors
    ///
    /// [`StoreError::Duplicate`] if two accounts already share an email address.
    pub async fn ensure_indexes(&self) -> Result<(), StoreError> {
        let unique = IndexOptions::builder().unique(true).build();
        let users = self.users.clone();
        let by_email = index(doc! { "email": 1 }, unique);
        within_deadline(async move { users.create_index(by_email).await }).await?;

        let expiring = IndexOptions::builder().expire_after(Duration::ZERO).build();
        let by_end = index(doc! { "expires": 1 }, expiring);
        let (throttles, of_throttles) = (self.throttles.clone(), by_end.clone());
        within_deadline(async move { throttles.create_index(of_throttles).await }).await?;

        let by_time = index(doc! { "user": 1, "at": -1, "_id": -1 }, IndexOptions::default());
        let events = self.events.clone();
        within_deadline(async move { events.create_indexes([by_end, by_time]).await }).await?;

        self.indexed.store(true, Ordering::SeqCst);
        tracing::info!("the database answers and has its indexes");
        Ok(())
    }
}

fn index(keys: Document, options: IndexOptions) -> IndexModel {
    IndexModel::builder().keys(keys).options(options).build()
}
