//! Requests of one worker that wait for one command, as the service's do: the next command takes all that came
//! while others were under way. There is no timer.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use tokio::sync::oneshot;

use crate::fault::{Result, fault};

/// What waits, and what is under way.
pub struct Batches<Q, A> {
    waiting: RefCell<VecDeque<(Q, oneshot::Sender<A>)>>,
    under_way: Cell<usize>,
    /// How many commands are under way at most.
    at_once: usize,
    /// How many requests share one at most.
    size: usize,
}

impl<Q: 'static, A: 'static> Batches<Q, A> {
    /// Nothing waits.
    pub fn new(at_once: usize, size: usize) -> Rc<Self> {
        let (waiting, under_way) = (RefCell::default(), Cell::new(0));
        Rc::new(Self { waiting, under_way, at_once, size })
    }

    /// Asks with the next command, which `send` sends. It gives an answer to each question, in their order.
    pub async fn ask(
        self: &Rc<Self>,
        question: Q,
        send: impl AsyncFn(Vec<Q>) -> Result<Vec<A>> + 'static,
    ) -> Result<A> {
        let (reply, replied) = oneshot::channel();
        self.waiting.borrow_mut().push_back((question, reply));
        if self.under_way.get() < self.at_once {
            self.under_way.set(self.under_way.get() + 1);
            actix_web::rt::spawn(Rc::clone(self).send_all(send));
        }
        replied.await.map_err(|_failed| fault("a command for several requests failed"))
    }

    async fn send_all(self: Rc<Self>, send: impl AsyncFn(Vec<Q>) -> Result<Vec<A>>) {
        loop {
            let (questions, replies): (Vec<Q>, Vec<_>) = {
                let mut waiting = self.waiting.borrow_mut();
                let count = waiting.len().min(self.size);
                waiting.drain(..count).unzip()
            };
            if questions.is_empty() {
                break;
            }
            // After a failure the replies are dropped, and their requests fail.
            let answers = send(questions).await.unwrap_or_default();
            for (reply, answer) in replies.into_iter().zip(answers) {
                let _left = reply.send(answer);
            }
        }
        self.under_way.set(self.under_way.get() - 1);
    }
}
