//! Writes accounts, many in one command, with an outcome for each.
//!
//! While a command is under way, writes wait in a queue, and the next command takes all of them. There is no timer: the
//! first write is sent at once. One write alone is sent as an ordinary update.
//!
//! The `update` command says how many accounts matched, and not which. So each statement of a group is an upsert
//! that sets `_id` to 0 if it inserts: where no account matches, the inserted document would have another `_id`
//! than the filter says, and this statement fails alone, with [`NOT_MATCHED`]. Nothing is ever inserted.

use std::collections::{HashMap, VecDeque};
use std::iter::zip;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bson::oid::ObjectId;
use bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::Collection;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::error::StoreError;
use super::guarded_write::{GuardedWrite, Statement};
use super::numbered_commands::NumberedCommands;
use super::store::{DEADLINE, within_deadline};
use crate::metrics::{Command, DatabaseMetrics};

/// How many commands are under way at the same time.
const COMMANDS: usize = 1;
/// The maximum number of statements of a command. More of them save little, and each waits for all.
const STATEMENTS: usize = 32;
/// How many of them may write the same account, so that a busy account does not hold up the others.
const OF_ONE_ACCOUNT: usize = 4;
/// The maximum number of writes that wait to be sent.
const PLACES: usize = 4_096;
/// `ImmutableField`: the statement matched no account.
const NOT_MATCHED: i32 = 66;

/// The writes of one worker with one write concern.
pub(super) struct GroupedWrites {
    users: Collection<RawDocumentBuf>,
    commands: Arc<NumberedCommands>,
    metrics: DatabaseMetrics,
    queue: Mutex<Queue>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Tasks that send commands, each of them one at a time.
    senders: usize,
}

struct Waiting {
    account: ObjectId,
    statement: Statement,
    /// Its caller waits no longer than this, and it is not sent later.
    until: Instant,
    reply: oneshot::Sender<Outcome>,
}

/// Whether the account matched.
type Outcome = Result<bool, StoreError>;

impl GroupedWrites {
    /// Writes accounts of this collection, with its write concern.
    pub fn of(
        users: Collection<RawDocumentBuf>,
        commands: Arc<NumberedCommands>,
        metrics: DatabaseMetrics,
    ) -> Self {
        Self { users, commands, metrics, queue: Mutex::default() }
    }

    /// Writes an account, and returns whether its filter matched. Writes of one account are made in the order of the
    /// calls. A caller that stops waiting does not cancel its write.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] also if too many writes wait, and [`StoreError::InvalidWrite`] for a write that
    /// must be sent alone.
    pub async fn apply(self: &Arc<Self>, write: GuardedWrite) -> Outcome {
        let (account, statement) = (write.account(), write.statement()?);
        if changes_unique_path(&statement.update) {
            return Err(StoreError::InvalidWrite("a unique path, in a group"));
        }
        let until = Instant::now() + DEADLINE;
        let (reply, replied) = oneshot::channel();
        self.join(Waiting { account, statement, until, reply })?;
        match timeout_at(until, replied).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable),
        }
    }

    fn join(self: &Arc<Self>, waiting: Waiting) -> Result<(), StoreError> {
        let mut queue = self.lock();
        if queue.waiting.len() >= PLACES {
            return Err(StoreError::Unavailable);
        }
        queue.waiting.push_back(waiting);
        if queue.senders < COMMANDS {
            queue.senders += 1;
            tokio::spawn(Arc::clone(self).send());
        }
        Ok(())
    }

    /// Sends one command after another until nothing waits.
    async fn send(self: Arc<Self>) {
        while let Some(group) = self.next_group() {
            let of = |waiting: Waiting| (waiting.statement, waiting.reply);
            let (statements, replies): (Vec<_>, Vec<_>) = group.into_iter().map(of).unzip();
            let own = Arc::clone(&self);
            let command = self.metrics.begin(Command::Update);
            let run = within_deadline(command, async move { own.run(statements).await });
            let outcomes = run.await.unwrap_or_else(|error| vec![Err(error); replies.len()]);
            for (reply, outcome) in zip(replies, outcomes) {
                let _left = reply.send(outcome);
            }
        }
    }

    /// Takes the writes of the next command from the queue, in their order. Returns `None` if nothing waits; the task
    /// that called this must end then.
    fn next_group(&self) -> Option<Vec<Waiting>> {
        let (mut queue, now) = (self.lock(), Instant::now());
        let (mut group, mut left) = (Vec::new(), Vec::new());
        let mut of_account = HashMap::new();
        while group.len() < STATEMENTS
            && let Some(waiting) = queue.waiting.pop_front()
        {
            let count = of_account.entry(waiting.account).or_insert(0);
            if waiting.until <= now {
                continue;
            }
            if *count == OF_ONE_ACCOUNT {
                left.push(waiting);
            } else {
                *count += 1;
                group.push(waiting);
            }
        }
        left.into_iter().rev().for_each(|waiting| queue.waiting.push_front(waiting));
        if group.is_empty() {
            queue.senders -= 1;
            return None;
        }
        Some(group)
    }

    async fn run(&self, mut statements: Vec<Statement>) -> mongodb::error::Result<Vec<Outcome>> {
        if statements.len() <= 1 {
            // A group of one costs the server more.
            let Some(alone) = statements.pop() else { return Ok(Vec::new()) };
            return Ok(vec![Ok(alone.run(&self.users).await?)]);
        }
        let count = statements.len();
        let command = doc! {
            "update": self.users.name(),
            "updates": statements.into_iter().map(statement).collect::<Vec<_>>(),
            "ordered": false,
        };
        let reply = self.commands.run(command, self.users.write_concern().cloned()).await?;
        Ok(outcomes(&reply, count).unwrap_or_else(|| vec![Err(StoreError::Unavailable); count]))
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An element of `updates`.
fn statement(of: Statement) -> Document {
    let mut update = of.update;
    update.insert("$setOnInsert", doc! { "_id": 0 });
    let mut statement = doc! { "q": of.filter, "u": update, "upsert": true };
    if !of.array_filters.is_empty() {
        statement.insert("arrayFilters", of.array_filters);
    }
    statement
}

/// Reads the outcome of each statement from the reply to a command; `None` if the outcomes are unknown.
fn outcomes(reply: &Document, count: usize) -> Option<Vec<Outcome>> {
    if reply.contains_key("writeConcernError") {
        return None;
    }
    let mut outcomes = vec![Ok(true); count];
    for error in reply.get_array("writeErrors").into_iter().flatten() {
        let error = error.as_document()?;
        let index = usize::try_from(error.get_i32("index").ok()?).ok()?;
        *outcomes.get_mut(index)? = refusal(error.get_i32("code").ok()?);
    }
    let matched = outcomes.iter().filter(|outcome| matches!(outcome, Ok(true))).count();
    let counted = usize::try_from(reply.get_i32("n").ok()?).ok()?;
    (counted == matched && !reply.contains_key("upserted")).then_some(outcomes)
}

/// The outcome of a statement that failed with this code.
fn refusal(code: i32) -> Outcome {
    if code == NOT_MATCHED {
        return Ok(false);
    }
    tracing::error!(code, "a write of a group failed");
    Err(StoreError::Unavailable)
}

/// Whether an update sets or adds a value that another account may have: a statement of a group must not fail for
/// that.
fn changes_unique_path(update: &Document) -> bool {
    let is_passkey_id = |path: &str| {
        let path = path.strip_prefix("passkeys.");
        path.is_some_and(|path| path.rsplit('.').next() == Some("id"))
    };
    let is_unique = |path: &str| path == "email" || path == "passkeys" || is_passkey_id(path);
    let changes = update.values().filter_map(Bson::as_document);
    changes.flat_map(Document::keys).any(|path| is_unique(path))
}

#[cfg(test)]
mod tests;
