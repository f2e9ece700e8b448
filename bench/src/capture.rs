//! What the service asks the database for in one request, read from the server's own profiler.

use std::time::Duration;

use bson::{Bson, Document, doc};
use mongodb::Database;
use tokio::time::sleep;

use crate::child::Server;
use crate::fault::{Result, fault};
use crate::limit::script::{Change, Command, Identity, Script, Step};
use crate::wire::{Answer, Connection};

/// Until a service that was just started has nothing more to do.
const SETTLING: Duration = Duration::from_secs(1);

/// The name that the service gives its connections.
const SERVICE: &str = "twofold";

/// Lets the service answer one request, and returns the answer and the commands behind it.
pub async fn commands(
    database: &Database,
    service: &Server,
    request: &[u8],
    of: Identity,
) -> Result<(Answer, Script)> {
    let mut connection = Connection::open(service.address).await?;
    // What the service does at its start is over by then.
    sleep(SETTLING).await;
    database.run_command(doc! { "profile": 2 }).await?;
    let answer = connection.ask(request).await;
    database.run_command(doc! { "profile": 0 }).await?;
    let answer = answer?;

    let by_service = doc! { "appName": SERVICE };
    let profile = database.collection::<Document>("system.profile");
    let mut entries = profile.find(by_service).sort(doc! { "$natural": 1 }).await?;
    let mut steps = Vec::new();
    while entries.advance().await? {
        let entry: Document = entries.deserialize_current()?;
        if let Some(step) = step(&entry)? {
            steps.push(step);
        }
    }
    profile.drop().await?;
    Ok((answer, Script { of, steps }))
}

/// The service's answer to a request that needs no look at the database.
pub async fn answer(service: &Server, request: &[u8]) -> Result<Answer> {
    Connection::open(service.address).await?.ask(request).await
}

fn step(entry: &Document) -> Result<Option<Step>> {
    let (operation, namespace) = (entry.get_str("op")?, entry.get_str("ns")?);
    let Some((_, collection)) = namespace.split_once('.') else {
        return Ok(None);
    };
    let command = entry.get_document("command")?;
    let part = |name: &str| command.get_document(name).cloned().unwrap_or_default();
    let command = match operation {
        "query" => Command::Find(part("filter")),
        "update" => Command::Change(change(command, ("q", "u"), false)?),
        "remove" => Command::Delete(part("q")),
        "command" if command.contains_key("findAndModify") => {
            Command::Change(change(command, ("query", "update"), true)?)
        }
        // Inserts are not replayed: events are written by and by in batches, which is no part of one
        // request, and the limit of a registration writes an account of its own.
        _ => return Ok(None),
    };
    Ok(Some(Step { collection: collection.to_owned(), command }))
}

fn change(command: &Document, names: (&str, &str), returned: bool) -> Result<Change> {
    let (filter, update) = names;
    let elements = command.get_array("arrayFilters").map(Vec::as_slice).unwrap_or_default();
    let elements = elements.iter().filter_map(Bson::as_document).cloned();
    Ok(Change {
        filter: command.get_document(filter)?.clone(),
        update: command.get(update).cloned().ok_or_else(|| fault("an update without update"))?,
        array_filters: elements.collect(),
        upsert: command.get_bool("upsert").unwrap_or(false),
        returned,
    })
}
