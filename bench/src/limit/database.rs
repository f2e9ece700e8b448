//! The bare driver: a client for each worker, with the service's own options.

use std::time::Duration;

use bson::oid::ObjectId;
use bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::action::{Action, FindOneAndUpdate, Update};
use mongodb::options::{
    Acknowledgment, ClientOptions, CollectionOptions, UpdateModifications, WriteConcern,
};
use mongodb::{Client, Collection, Database};

use super::script::{Change, Command, Identity, Script, Step};
use crate::fault::{Result, fault};

/// The service's counters are written with this; everything else by a majority, journaled.
const COUNTERS: &str = "throttles";

/// One worker's client.
pub struct Bare {
    database: Database,
    users: Collection<RawDocumentBuf>,
}

impl Bare {
    /// Prepares a client.
    pub fn connect(mut options: ClientOptions, database: &str) -> Result<Self> {
        options.connect_timeout = Some(Duration::from_secs(1));
        options.server_selection_timeout = Some(Duration::from_secs(1));
        options.max_pool_size = Some(32);
        let majority = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build();
        options.write_concern = Some(majority);
        let database = Client::with_options(options)?.database(database);
        Ok(Self { users: database.collection("users"), database })
    }

    /// One find by `_id`.
    pub async fn find(&self, id: ObjectId) -> Result<RawDocumentBuf> {
        let found = self.users.find_one(doc! { "_id": id }).await?;
        found.ok_or_else(|| fault("there is no such account"))
    }

    /// One insert.
    pub async fn insert(&self, document: &Document) -> Result<()> {
        self.users.insert_one(RawDocumentBuf::try_from(document)?).await?;
        Ok(())
    }

    /// The one update of a script, asked to return the document.
    pub async fn find_and_update(&self, script: &Script, own: &Identity) -> Result<()> {
        let change = script.steps.iter().find_map(|step| match &step.command {
            Command::Change(change) => Some(change),
            _ => None,
        });
        let change = change.ok_or_else(|| fault("the service changed nothing"))?;
        let returned = Change { returned: true, ..change.clone() };
        self.change(&self.users, &returned, (script, own)).await
    }

    /// Steps of a script, one after another, for another account.
    pub async fn replay_all(&self, steps: &[Step], whose: (&Script, &Identity)) -> Result<()> {
        for step in steps {
            self.replay(step, whose).await?;
        }
        Ok(())
    }

    async fn replay(&self, step: &Step, whose: (&Script, &Identity)) -> Result<()> {
        let (script, own) = whose;
        let collection = self.collection(&step.collection);
        match &step.command {
            Command::Find(filter) => {
                collection.find_one(script.document(filter, own)).await?;
            }
            Command::Change(change) => self.change(&collection, change, whose).await?,
            Command::Delete(filter) => {
                collection.delete_many(script.document(filter, own)).await?;
            }
        }
        Ok(())
    }

    fn collection(&self, name: &str) -> Collection<RawDocumentBuf> {
        if name != COUNTERS {
            return self.database.collection(name);
        }
        let one = WriteConcern::builder().w(Acknowledgment::Nodes(1)).build();
        let options = CollectionOptions::builder().write_concern(one).build();
        self.database.collection_with_options(name, options)
    }

    async fn change(
        &self,
        collection: &Collection<RawDocumentBuf>,
        change: &Change,
        (script, own): (&Script, &Identity),
    ) -> Result<()> {
        let filter = script.document(&change.filter, own);
        let update = modifications(script.value("", &change.update, own))?;
        let elements: Vec<Document> =
            change.array_filters.iter().map(|one| script.document(one, own)).collect();
        let elements = (!elements.is_empty()).then_some(elements);
        if change.returned {
            let action = collection.find_one_and_update(filter, update).upsert(change.upsert);
            let found = action.optional(elements, FindOneAndUpdate::array_filters);
            if found.await?.is_none() && !change.upsert {
                return Err(fault("a guarded write of the limit matched nothing"));
            }
        } else {
            let action = collection.update_one(filter, update).upsert(change.upsert);
            let done = action.optional(elements, Update::array_filters);
            let done = done.await?;
            if done.matched_count == 0 && done.upserted_id.is_none() {
                return Err(fault("a guarded write of the limit matched nothing"));
            }
        }
        Ok(())
    }
}

fn modifications(update: Bson) -> Result<UpdateModifications> {
    match update {
        Bson::Document(operators) => Ok(operators.into()),
        Bson::Array(stages) => {
            let stages: Vec<Document> =
                stages.iter().filter_map(|stage| stage.as_document().cloned()).collect();
            Ok(stages.into())
        }
        _ => Err(fault("an update that is neither operators nor a pipeline")),
    }
}
