//! Where a connection is between two requests. The connection sees bytes, the outermost layer sees
//! requests; together they know what the client still owes, and until when.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap};
use tokio::time::Instant;

/// Bytes that may come between an answer and the next request's handling: its head, of which the framework
/// takes 128 KiB, or what a client still sends of a body that nobody reads.
const MOST_BETWEEN: usize = 1024 * 1024;

/// A connection's phase, shared by the connection and the requests on it.
#[derive(Clone)]
pub struct Exchange(Rc<Cell<Phase>>);

#[derive(Clone, Copy)]
enum Phase {
    /// A head may come. After a request with a body, the rest of that body may come first.
    Waiting { until: Instant, read: usize, after_body: bool },
    /// A request is being handled; its handler bounds how long.
    Handling { has_body: bool },
    /// The request is answered, and the answer is being written.
    Answered { had_body: bool },
}

/// What a client owes when its time is over.
pub enum Overdue {
    /// The rest of a head, which it has begun.
    Head,
    /// Nothing: it is idle, or sends a body that nobody reads.
    Nothing,
}

/// A request being handled; dropping it says that it is answered.
pub struct Handling(Exchange);

impl Drop for Handling {
    fn drop(&mut self) {
        if let Phase::Handling { has_body } = self.0.0.get() {
            self.0.0.set(Phase::Answered { had_body: has_body });
        }
    }
}

impl Exchange {
    /// A new connection, which is idle for now.
    pub fn new(keep_alive: Duration) -> Self {
        let until = Instant::now() + keep_alive;
        Self(Rc::new(Cell::new(Phase::Waiting { until, read: 0, after_body: false })))
    }

    /// Notes that a request is being handled, where it came by a connection of this server's.
    pub fn begin(request: &ServiceRequest) -> Option<Handling> {
        let exchange = request.conn_data::<Self>()?.clone();
        exchange.0.set(Phase::Handling { has_body: has_body(request.headers()) });
        Some(Handling(exchange))
    }

    /// Notes that everything was written. An answered client may now be idle for `keep_alive`.
    pub fn written(&self, keep_alive: Duration) {
        if let Phase::Answered { had_body } = self.0.get() {
            let until = Instant::now() + keep_alive;
            self.0.set(Phase::Waiting { until, read: 0, after_body: had_body });
        }
    }

    /// Notes bytes from the client; with the first of a head its time begins. False where they are too many.
    pub fn read(&self, count: usize, head_timeout: Duration) -> bool {
        let Phase::Waiting { mut until, mut read, after_body } = self.0.get() else {
            return true;
        };
        if read == 0 && count > 0 {
            until = Instant::now() + head_timeout;
        }
        read += count;
        self.0.set(Phase::Waiting { until, read, after_body });
        read <= MOST_BETWEEN
    }

    /// When the client's time is over, and what it owes then; `None` while a request is handled.
    pub fn deadline(&self) -> Option<(Instant, Overdue)> {
        match self.0.get() {
            Phase::Waiting { until, read: 1.., after_body: false } => Some((until, Overdue::Head)),
            Phase::Waiting { until, .. } => Some((until, Overdue::Nothing)),
            Phase::Handling { .. } | Phase::Answered { .. } => None,
        }
    }
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING) || headers.contains_key(header::CONTENT_LENGTH)
}
