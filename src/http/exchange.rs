//! The phase of a connection: before, during or after a request. The connection sees bytes, the outermost
//! layer sees requests; together they know what the client still has to send, and by when.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{self, HeaderMap};
use tokio::time::Instant;

/// Bytes that may arrive between a response and the next request's handling: its head, of which the framework
/// takes 128 KiB, or what a client still sends of a body that nobody reads.
const MOST_BETWEEN: usize = 1024 * 1024;

/// A connection's phase, shared by the connection and the requests on it.
#[derive(Clone)]
pub struct Exchange(Rc<Cell<Phase>>);

#[derive(Clone, Copy)]
enum Phase {
    /// A head may arrive. After a request with a body, the rest of that body may arrive first.
    Waiting { until: Instant, read: usize, after_body: bool },
    /// A request is being handled; its handler limits how long that takes.
    Handling { has_body: bool },
    /// The response is being written.
    Answered { had_body: bool },
}

/// What a client has not sent when its time is over.
pub enum Overdue {
    /// The rest of a head that it began to send.
    Head,
    /// Nothing that matters: it is idle, or sends a body that nobody reads.
    Nothing,
}

/// A request being handled; dropping it marks it as answered.
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

    /// Notes that a request is being handled, if it came over a connection of this server.
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

    /// Notes bytes from the client. The first byte of a head starts its time. Returns false if there
    /// are too many.
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

    /// How many bytes have arrived since the last response, if they begin with a head.
    pub fn unhandled(&self) -> usize {
        match self.0.get() {
            Phase::Waiting { read, after_body: false, .. } => read,
            _ => 0,
        }
    }

    /// When the client's time is over, and what is missing then; `None` while a request is handled.
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
