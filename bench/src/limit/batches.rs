//! Requests that wait for one command, as the service's do: the next command takes all that came while others were
//! under way. There is no timer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::fault::{Result, fault};

/// What waits, and what is under way.
pub struct Batches<Q, A> {
    queue: Mutex<Queue<Q, A>>,
    /// How many commands are under way at most.
    at_once: usize,
    /// How many requests share one at most.
    size: usize,
}

/// The questions of a command, and where their answers go.
type Batch<Q, A> = (Vec<Q>, Vec<oneshot::Sender<A>>);

struct Queue<Q, A> {
    waiting: VecDeque<(Q, oneshot::Sender<A>)>,
    under_way: usize,
}

impl<Q: 'static, A: 'static> Batches<Q, A> {
    /// Nothing waits.
    pub fn new(at_once: usize, size: usize) -> Arc<Self> {
        let queue = Mutex::new(Queue { waiting: VecDeque::new(), under_way: 0 });
        Arc::new(Self { queue, at_once, size })
    }

    /// Asks with the next command, which `send` sends. It gives an answer to each question, in their order.
    pub async fn ask(
        self: &Arc<Self>,
        question: Q,
        send: impl AsyncFn(Vec<Q>) -> Result<Vec<A>> + 'static,
    ) -> Result<A> {
        let (reply, replied) = oneshot::channel();
        let starts = {
            let mut queue = self.lock();
            queue.waiting.push_back((question, reply));
            let starts = queue.under_way < self.at_once;
            queue.under_way += usize::from(starts);
            starts
        };
        if starts {
            actix_web::rt::spawn(Arc::clone(self).send_all(send));
        }
        replied.await.map_err(|_failed| fault("a command for several requests failed"))
    }

    async fn send_all(self: Arc<Self>, send: impl AsyncFn(Vec<Q>) -> Result<Vec<A>>) {
        while let Some((questions, replies)) = self.next() {
            // After a failure the replies are dropped, and their requests fail.
            let answers = send(questions).await.unwrap_or_default();
            for (reply, answer) in replies.into_iter().zip(answers) {
                let _left = reply.send(answer);
            }
        }
    }

    fn next(&self) -> Option<Batch<Q, A>> {
        let mut queue = self.lock();
        if queue.waiting.is_empty() {
            queue.under_way -= 1;
            return None;
        }
        let count = queue.waiting.len().min(self.size);
        Some(queue.waiting.drain(..count).unzip())
    }

    fn lock(&self) -> MutexGuard<'_, Queue<Q, A>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
