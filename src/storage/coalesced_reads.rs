//! Finds accounts by id, many in one command.
//!
//! While finds are under way, callers wait in a queue, and the next find reads the accounts of all of them. There
//! is no timer: the first caller's find is sent at once.
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

/// How many finds are under way at the same time: two, so that a slow one does not hold up everybody.
const FINDS: usize = 2;
/// The maximum number of ids of a find. So many documents of 128 KiB fit into one reply.
const IDS: usize = 64;
/// The maximum number of callers that wait for a find to be sent.
const PLACES: usize = 4_096;

/// The reads of one worker.
pub(super) struct CoalescedReads {
    users: Collection<RawDocumentBuf>,
    queue: Mutex<Queue>,
    metrics: DatabaseMetrics,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Caller>,
    /// Tasks that send finds, each of them one at a time.
    senders: usize,
}

struct Caller {
    user: UserId,
    reply: oneshot::Sender<Reply>,
}

type Reply = Result<Option<RawDocumentBuf>, StoreError>;

/// The ids of a find, with the callers of each.
type Batch = HashMap<UserId, Vec<oneshot::Sender<Reply>>>;

type Found = HashMap<UserId, RawDocumentBuf>;

impl CoalescedReads {
    /// Reads accounts of this collection.
    pub fn of(users: Collection<RawDocumentBuf>, metrics: DatabaseMetrics) -> Self {
        Self { users, queue: Mutex::default(), metrics }
    }

    /// Finds the document of an account, as it is at some time after this call. Dropping the future affects no
    /// other caller.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] also if too many callers wait.
    pub async fn find(self: &Arc<Self>, user: UserId) -> Reply {
        self.metrics.account_reads.inc();
        match timeout(DEADLINE, self.join(user)?).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable),
        }
    }

    fn join(self: &Arc<Self>, user: UserId) -> Result<oneshot::Receiver<Reply>, StoreError> {
        let mut queue = self.lock();
        if queue.waiting.len() >= PLACES {
            queue.waiting.retain(|caller| !caller.reply.is_closed());
        }
        if queue.waiting.len() >= PLACES {
            return Err(StoreError::Unavailable);
        }
        let (reply, replied) = oneshot::channel();
        queue.waiting.push_back(Caller { user, reply });
        if queue.senders < FINDS {
            queue.senders += 1;
            tokio::spawn(Arc::clone(self).send());
        }
        Ok(replied)
    }

    /// Sends one find after another until nobody waits.
    async fn send(self: Arc<Self>) {
        while let Some(batch) = self.next_batch() {
            self.metrics.account_finds.inc();
            let ids: Vec<ObjectId> = batch.keys().map(|user| id(*user)).collect();
            let users = self.users.clone();
            let command = self.metrics.begin(Command::Find);
            answer(batch, within_deadline(command, async move { find(&users, &ids).await }).await);
        }
    }

    /// Takes the callers of the next find from the queue, in their order. Returns `None` if nobody waits; the
    /// task that called this must end then.
    fn next_batch(&self) -> Option<Batch> {
        let mut queue = self.lock();
        let mut batch = Batch::new();
        while let Some(caller) = queue
            .waiting
            .pop_front_if(|caller| batch.len() < IDS || batch.contains_key(&caller.user))
        {
            if !caller.reply.is_closed() {
                batch.entry(caller.user).or_default().push(caller.reply);
            }
        }
        if batch.is_empty() {
            queue.senders -= 1;
            return None;
        }
        Some(batch)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
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
