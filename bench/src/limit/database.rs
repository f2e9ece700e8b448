//! The bare driver: a client for each worker, with the service's own options.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bson::oid::ObjectId;
use bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::action::{Action, FindOneAndUpdate, Update};
use mongodb::options::{
    Acknowledgment, ClientOptions, CollectionOptions, UpdateModifications, WriteConcern,
};
use mongodb::{Client, Collection, Database};

use super::batches::Batches;
use super::script::{Change, Command, Identity, Script, Step};
use crate::fault::{Result, fault};

/// The service's counters are written with this; everything else by a majority, journaled.
const COUNTERS: &str = "throttles";

/// How many finds the service has under way at least, and how many accounts one finds.
const FINDS: (usize, usize) = (2, 64);
/// How many commands of grouped writes, and how many writes one makes.
const WRITES: (usize, usize) = (1, 32);

/// The finds of all workers.
pub type Finds = Batches<ObjectId, RawDocumentBuf>;

/// No finds, of so many workers.
pub fn finds(workers: usize) -> Arc<Finds> {
    Batches::new(workers.max(FINDS.0), FINDS.1)
}

/// One worker's client.
pub struct Bare {
    database: Database,
    users: Collection<RawDocumentBuf>,
    finds: Arc<Finds>,
    writes: Arc<Batches<Document, ()>>,
}

impl Bare {
    /// Prepares a client.
    pub fn connect(mut options: ClientOptions, database: &str, finds: Arc<Finds>) -> Result<Self> {
        options.connect_timeout = Some(Duration::from_secs(1));
        options.server_selection_timeout = Some(Duration::from_secs(1));
        options.max_pool_size = Some(32);
        let majority = WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build();
        options.write_concern = Some(majority);
        let database = Client::with_options(options)?.database(database);
        Ok(Self {
            users: database.collection("users"),
            database,
            finds,
            writes: Batches::new(WRITES.0, WRITES.1),
        })
    }

    /// One find by `_id`.
    pub async fn find(&self, id: ObjectId) -> Result<RawDocumentBuf> {
        let found = self.users.find_one(doc! { "_id": id }).await?;
        found.ok_or_else(|| fault("there is no such account"))
    }

    /// The same, by one command for all that wait.
    pub async fn find_with_others(&self, id: ObjectId) -> Result<RawDocumentBuf> {
        let users = self.users.clone();
        let send = async move |ids: Vec<ObjectId>| {
            let mut found = HashMap::with_capacity(ids.len());
            if let [one] = ids.as_slice() {
                let account = users.find_one(doc! { "_id": one }).await?;
                found.extend(account.map(|account| (*one, account)));
            } else {
                let mut cursor = users.find(doc! { "_id": { "$in": &ids } }).await?;
                while cursor.advance().await? {
                    let account = cursor.current();
                    found.insert(account.get_object_id("_id")?, account.to_owned());
                }
            }
            let account = |id: &ObjectId| found.get(id).cloned();
            let accounts: Option<Vec<_>> = ids.iter().map(account).collect();
            accounts.ok_or_else(|| fault("there is no such account"))
        };
        self.finds.ask(id, send).await
    }

    /// The one update of a script, by one command for all that wait.
    pub async fn update_with_others(&self, script: &Script, own: &Identity) -> Result<()> {
        let change = Self::only_change(script)?;
        let elements = change.array_filters.iter().map(|one| script.document(one, own));
        let statement = doc! {
            "q": script.document(&change.filter, own),
            "u": script.value("", &change.update, own),
            "arrayFilters": elements.collect::<Vec<_>>(),
        };
        let database = self.database.clone();
        let send = async move |mut statements: Vec<Document>| {
            let count = i32::try_from(statements.len())?;
            if count > 1 {
                // As the service does it, for an outcome of each.
                for statement in &mut statements {
                    statement.insert("upsert", true);
                    statement.get_document_mut("u")?.insert("$setOnInsert", doc! { "_id": 0 });
                }
            }
            let command = doc! {
                "update": "users", "updates": statements, "ordered": false,
                "writeConcern": { "w": "majority", "j": true },
            };
            let reply = database.run_command(command).await?;
            if reply.get_i32("n")? != count {
                return Err(fault("a guarded write of the limit matched nothing"));
            }
            Ok(vec![(); usize::try_from(count)?])
        };
        self.writes.ask(statement, send).await
    }

    /// One insert.
    pub async fn insert(&self, document: &Document) -> Result<()> {
        self.users.insert_one(RawDocumentBuf::try_from(document)?).await?;
        Ok(())
    }

    /// The one update of a script, asked to return the document.
    pub async fn find_and_update(&self, script: &Script, own: &Identity) -> Result<()> {
        let change = Self::only_change(script)?;
        let returned = Change { returned: true, ..change.clone() };
        self.change(&self.users, &returned, (script, own)).await
    }

    fn only_change(script: &Script) -> Result<&Change> {
        let change = script.steps.iter().find_map(|step| match &step.command {
            Command::Change(change) => Some(change),
            _ => None,
        });
        change.ok_or_else(|| fault("the service changed nothing"))
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
