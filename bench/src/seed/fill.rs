//! Writing accounts, and putting them back as they were.
//!
//! The accounts that a load changes are kept a second time in a collection beside `users`; before
//! each round the server copies them back, in one command.

use bson::{Document, doc};
use mongodb::options::{IndexOptions, InsertManyOptions};
use mongodb::{Collection, Database, IndexModel};

use super::person::{Person, Shape};
use super::secret::Sealer;
use crate::fault::Result;

const USERS: &str = "users";
const PRISTINE: &str = "pristine";
const BATCH: usize = 4_000;

/// Makes an empty database with the unique index that the service needs.
pub async fn empty(database: &Database) -> Result<()> {
    database.drop().await?;
    let unique = IndexOptions::builder().unique(true).build();
    let by_email = IndexModel::builder().keys(doc! { "email": 1 }).options(unique).build();
    database.collection::<Document>(USERS).create_index(by_email).await?;
    Ok(())
}

/// Writes people into `users`.
pub async fn users(
    database: &Database,
    people: impl Iterator<Item = (Person, &Shape)>,
) -> Result<()> {
    write(&database.collection(USERS), people).await
}

/// Writes people who are put back before each round, into `users` too.
pub async fn put_back_later(
    database: &Database,
    people: impl Iterator<Item = (Person, &Shape)>,
) -> Result<()> {
    write(&database.collection(PRISTINE), people).await?;
    put_back(database).await
}

/// Puts back those who were written to be put back.
pub async fn put_back(database: &Database) -> Result<()> {
    let into = doc! { "into": USERS, "on": "_id", "whenMatched": "replace" };
    let pristine = database.collection::<Document>(PRISTINE);
    let mut cursor = pristine.aggregate([doc! { "$merge": into }]).await?;
    while cursor.advance().await? {}
    Ok(())
}

/// Keeps the networks that the service learned, so that a login comes from a known one.
pub async fn keep_networks(database: &Database) -> Result<()> {
    let learned = doc! { "$match": { "networks.1": { "$exists": true } } };
    let networks = doc! { "$project": { "networks": 1 } };
    let into = doc! {
        "into": PRISTINE, "on": "_id", "whenMatched": "merge", "whenNotMatched": "discard",
    };
    let stages = [learned, networks, doc! { "$merge": into }];
    let mut cursor = database.collection::<Document>(USERS).aggregate(stages).await?;
    while cursor.advance().await? {}
    put_back(database).await
}

async fn write(
    collection: &Collection<Document>,
    people: impl Iterator<Item = (Person, &Shape)>,
) -> Result<()> {
    let sealer = Sealer::new();
    let unordered = InsertManyOptions::builder().ordered(false).build();
    let mut batch = Vec::with_capacity(BATCH);
    let mut people = people.peekable();
    while let Some((person, shape)) = people.next() {
        batch.push(person.document(shape, &sealer)?);
        if batch.len() == BATCH || people.peek().is_none() {
            collection.insert_many(batch.drain(..)).with_options(unordered.clone()).await?;
        }
    }
    Ok(())
}
