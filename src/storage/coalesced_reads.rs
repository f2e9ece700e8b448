//! Finds accounts by id, many in one command.
//!
//! While finds are under way, callers wait in a queue, and the next find reads the accounts of all of them. There
//! is no timer: the first caller's find is sent at once.
//!
//! All workers share the queue, so that more callers share a find. A worker sends its finds by its own client, and may
//! find accounts for callers of others.
//!
//! A caller joins only a find that has not been sent. So each find is sent after all of its callers have asked, and
//! sees every write that was acknowledged before they did. A find that is already under way may have read the
//! account before a session was revoked.

use std::collections::{HashMap, VecDeque};
use std::iter::{repeat_n, zip};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bson::oid::ObjectId;
use bson::{RawDocumentBuf, doc};
use mongodb::Collection;
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::document::id;
use super::error::StoreError;
use super::store::{DEADLINE, within_deadline};
use crate::domain::ids::UserId;
use crate::metrics::{Command, DatabaseMetrics};

/// How many finds are under way at the same time even with one worker, so that a slow one does not hold up everybody.
const FINDS: usize = 2;
/// The maximum number of ids of a find. So many documents of 128 KiB fit into one reply.
const IDS: usize = 64;
/// The maximum number of callers that wait for a find to be sent.
const PLACES: usize = 4_096;

/// The reads of one worker.
pub(super) struct CoalescedReads {
    users: Collection<RawDocumentBuf>,
    queue: Arc<Queue>,
    metrics: DatabaseMetrics,
}

/// The callers of all workers.
pub(super) struct Queue {
    callers: Mutex<Callers>,
    /// How many finds may be under way.
    finds: usize,
}

#[derive(Default)]
struct Callers {
    waiting: VecDeque<Caller>,
    /// Tasks that send finds, each of them one at a time.
    senders: usize,
}

/// A task that sends finds. If its worker ends first, its callers and those that wait ask again.
struct Sender {
    reads: Arc<CoalescedReads>,
    is_done: bool,
}

struct Caller {
    user: UserId,
    reply: oneshot::Sender<Reply>,
}

type Reply = Result<Option<RawDocumentBuf>, StoreError>;

/// The ids of a find, with the callers of each.
type Batch = HashMap<UserId, Vec<oneshot::Sender<Reply>>>;

type Found = HashMap<UserId, RawDocumentBuf>;

impl Queue {
    /// Nobody waits. As many finds may be under way as there are workers, and at least two.
    pub fn of(workers: usize) -> Self {
        Self { callers: Mutex::default(), finds: workers.max(FINDS) }
    }

    fn lock(&self) -> MutexGuard<'_, Callers> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CoalescedReads {
    /// Reads accounts of this collection.
    pub fn of(
        users: Collection<RawDocumentBuf>,
        queue: Arc<Queue>,
        metrics: DatabaseMetrics,
    ) -> Self {
        Self { users, queue, metrics }
    }

    /// Finds the document of an account, as it is at some time after this call. Dropping the future affects no
    /// other caller.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] also if too many callers wait.
    pub async fn find(self: &Arc<Self>, user: UserId) -> Reply {
        self.metrics.account_reads.inc();
        timeout(DEADLINE, self.ask(user)).await.unwrap_or(Err(StoreError::Unavailable))
    }

    async fn ask(self: &Arc<Self>, user: UserId) -> Reply {
        loop {
            // There is no reply if the worker that was to send the find has ended.
            if let Ok(reply) = self.join(user)?.await {
                return reply;
            }
        }
    }

    fn join(self: &Arc<Self>, user: UserId) -> Result<oneshot::Receiver<Reply>, StoreError> {
        let mut callers = self.queue.lock();
        if callers.waiting.len() >= PLACES {
            callers.waiting.retain(|caller| !caller.reply.is_closed());
        }
        if callers.waiting.len() >= PLACES {
            return Err(StoreError::Unavailable);
        }
        let (reply, replied) = oneshot::channel();
        callers.waiting.push_back(Caller { user, reply });
        if callers.senders < self.queue.finds {
            callers.senders += 1;
            let sender = Sender { reads: Arc::clone(self), is_done: false };
            drop(callers);
            tokio::spawn(sender.run());
        }
        Ok(replied)
    }
}

impl Sender {
    /// Sends one find after another until nobody waits.
    async fn run(mut self) {
        while let Some(batch) = self.next_batch() {
            let CoalescedReads { users, metrics, .. } = &*self.reads;
            metrics.account_finds.inc();
            let ids: Vec<ObjectId> = batch.keys().map(|user| id(*user)).collect();
            let (users, command) = (users.clone(), metrics.begin(Command::Find));
            answer(batch, within_deadline(command, async move { find(&users, &ids).await }).await);
        }
    }

    /// Takes the callers of the next find from the queue, in their order. Returns `None` if nobody waits; this task
    /// must end then.
    fn next_batch(&mut self) -> Option<Batch> {
        let mut callers = self.reads.queue.lock();
        let mut batch = Batch::new();
        while let Some(caller) = callers
            .waiting
            .pop_front_if(|caller| batch.len() < IDS || batch.contains_key(&caller.user))
        {
            if !caller.reply.is_closed() {
                batch.entry(caller.user).or_default().push(caller.reply);
            }
        }
        if batch.is_empty() {
            callers.senders -= 1;
            self.is_done = true;
            return None;
        }
        Some(batch)
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if !self.is_done {
            let mut callers = self.reads.queue.lock();
            callers.senders -= 1;
            // Another sender may not come for them: each asks again, and sends a find itself if none is under way.
            callers.waiting.clear();
        }
    }
}

/// Finds the accounts with these ids. The cursor is read to its end, because a reply that lacks an account says
/// nothing about it while others follow.
async fn find(
    users: &Collection<RawDocumentBuf>,
    ids: &[ObjectId],
) -> mongodb::error::Result<Found> {
    let mut found = Found::with_capacity(ids.len());
    let mut add = |account: RawDocumentBuf| {
        let id = account.get_object_id("_id")?;
        found.insert(UserId::from_bytes(id.bytes()), account);
        mongodb::error::Result::Ok(())
    };
    if let [one] = ids {
        // An `$in` of one id costs the server more.
        users.find_one(doc! { "_id": one }).await?.map(add).transpose()?;
    } else {
        let mut cursor = users.find(doc! { "_id": { "$in": ids } }).await?;
        while cursor.advance().await? {
            add(cursor.current().to_owned())?;
        }
    }
    Ok(found)
}

/// Gives each caller its account, or every caller the error.
fn answer(batch: Batch, mut outcome: Result<Found, StoreError>) {
    for (user, callers) in batch {
        let reply = match &mut outcome {
            Ok(found) => Ok(found.remove(&user)),
            Err(error) => Err(error.clone()),
        };
        let replies = repeat_n(reply, callers.len());
        for (caller, reply) in zip(callers, replies) {
            let _left = caller.send(reply);
        }
    }
}

#[cfg(test)]
mod tests;
