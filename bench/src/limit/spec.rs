//! What a limit's server is told.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::script::Script;
use crate::fault::Result;
use crate::wire::Answer;

/// A bare server and what it does before it answers.
#[derive(Serialize, Deserialize)]
pub struct Spec {
    /// The database, as the service is given it.
    pub uri: String,
    /// Its name.
    pub database: String,
    /// Actix workers; the service takes as many as there are cores.
    pub workers: usize,
    /// The path that is called.
    pub path: String,
    /// What is done.
    pub task: Task,
    /// The service's own answer, which is given byte for byte.
    pub answer: Fixed,
}

/// What is done before the answer.
#[derive(Clone, Serialize, Deserialize)]
pub enum Task {
    /// Nothing.
    Nothing,
    /// One find by the `_id` that the request's token names.
    Find,
    /// The same, and one majority `findOneAndUpdate`: the service's own filter and update.
    FindAndUpdate(Script),
    /// One find by `_id`, with all requests that wait.
    FindWithOthers,
    /// The same, and the service's own update, with all requests that wait.
    UpdateWithOthers(Script),
    /// The service's own reads and writes, for the account that the request's passkey names.
    Replay(Script),
    /// The service's own reads and writes, and one hash before the first of them that comes after
    /// the check.
    HashAndReplay(Script),
    /// One hash and one majority insert under the unique index.
    HashAndInsert,
}

/// An answer that is always the same.
#[derive(Clone, Serialize, Deserialize)]
pub struct Fixed {
    /// Its status.
    pub status: u16,
    /// Its headers, but for those that Actix writes.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Fixed {
    /// The service's answer without what every Actix server adds by itself.
    pub fn of(answer: &Answer) -> Self {
        let by_actix = ["content-length", "date", "connection"];
        let headers = answer.headers.iter().filter(|(name, _)| !by_actix.contains(&name.as_str()));
        Self {
            status: answer.status,
            headers: headers.cloned().collect(),
            body: String::from_utf8_lossy(&answer.body).into_owned(),
        }
    }
}

impl Spec {
    /// Writes it to a file.
    pub fn write(&self, path: &Path) -> Result<()> {
        Ok(std::fs::write(path, bson::serialize_to_vec(self)?)?)
    }

    /// Reads it again.
    pub fn read(path: &Path) -> Result<Self> {
        Ok(bson::deserialize_from_slice(&std::fs::read(path)?)?)
    }
}
