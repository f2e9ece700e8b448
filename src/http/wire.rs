//! The connection below the framework. It closes connections whose client is late, and replaces
//! responses that no handler makes: the framework answers a request that is not HTTP, or whose head is
//! too large, with a bare status.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::http::StatusCode;
use actix_web::web;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

use super::connections::Place;
use super::error::ApiError;
use super::exchange::{Exchange, Overdue};
use super::state::HttpState;
use super::wire_answer::{HEAD, answer, bare_status, is_within_headers};

/// The framework panics at a header's name of 64 KiB, and takes heads of 128.
const LONGEST_HEAD: usize = 65_535;

/// A connection.
pub struct Wire {
    stream: TcpStream,
    state: web::Data<HttpState>,
    exchange: Exchange,
    /// Wakes the connection no later than its next deadline.
    timer: Pin<Box<Sleep>>,
    /// When to disconnect a client that accepts nothing of a response.
    stalled_until: Option<Instant>,
    /// The bytes read since the last response began, as many as are searched for an origin.
    head: Vec<u8>,
    /// A response that replaces one of the framework, and how much of it was written.
    instead: Vec<u8>,
    written: usize,
    _place: Place,
}

impl Wire {
    /// Wraps a connection.
    pub fn new(stream: TcpStream, state: web::Data<HttpState>, place: Place) -> Self {
        let keep_alive = state.config.keep_alive;
        Self {
            stream,
            state,
            exchange: Exchange::new(keep_alive),
            timer: Box::pin(sleep(keep_alive)),
            stalled_until: None,
            head: Vec::new(),
            instead: Vec::new(),
            written: 0,
            _place: place,
        }
    }

    /// The connection's phase, which its requests share.
    pub fn exchange(&self) -> Exchange {
        self.exchange.clone()
    }

    /// Whether a deadline has passed; if not, the connection is polled again by then.
    fn is_over(&mut self, deadline: Instant, cx: &mut Context<'_>) -> bool {
        if deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
        // An earlier deadline, met long ago, is replaced only now: most requests reset no timer.
        while self.timer.as_mut().poll(cx).is_ready() {
            if Instant::now() >= deadline {
                return true;
            }
            self.timer.as_mut().reset(deadline);
        }
        false
    }

    /// Ends the connection for reading once its client is late. A client whose head is incomplete
    /// receives 408.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Some((deadline, overdue)) = self.exchange.deadline() else {
            return Poll::Pending;
        };
        if !self.is_over(deadline, cx) {
            return Poll::Pending;
        }
        if matches!(overdue, Overdue::Head) && self.instead.is_empty() {
            let late = ApiError::Other(StatusCode::REQUEST_TIMEOUT);
            self.instead = answer(&late, &self.head, &self.state);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_stream_write(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if outcome.is_ready() {
            self.stalled_until = None;
            return outcome;
        }
        let patience = self.state.config.write_timeout;
        let deadline = *self.stalled_until.get_or_insert_with(|| Instant::now() + patience);
        if self.is_over(deadline, cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }

    /// Writes the response that replaces the framework's.
    fn poll_instead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.written < self.instead.len() {
            let answer = std::mem::take(&mut self.instead);
            let rest = answer.get(self.written..).unwrap_or_default();
            let outcome = self.poll_stream_write(cx, rest);
            self.instead = answer;
            match ready!(outcome)? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                count => self.written += count,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Poll::Ready(outcome) = Pin::new(&mut self.stream).poll_read(cx, buffer) else {
            return self.poll_late(cx);
        };
        let read = buffer.filled().get(before..).unwrap_or_default();
        let room = HEAD.saturating_sub(self.head.len());
        self.head.extend_from_slice(read.get(..room).unwrap_or(read));
        let is_too_much = !self.exchange.read(read.len(), self.state.config.head_timeout);
        if self.exchange.unhandled() > LONGEST_HEAD && is_within_headers(&self.head) {
            let refused = ApiError::Other(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
            self.instead = answer(&refused, &self.head, &self.state);
        }
        if is_too_much || !self.instead.is_empty() {
            // To the framework, this is the end of the client's bytes.
            buffer.set_filled(before);
        }
        Poll::Ready(outcome)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_instead(cx))?;
        if let Some(status) = bare_status(bytes) {
            self.instead = answer(&ApiError::Other(status), &self.head, &self.state);
            self.written = 0;
            return Poll::Ready(Ok(bytes.len()));
        }
        self.head.clear();
        self.poll_stream_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(cx))?;
        self.exchange.written(self.state.config.keep_alive);
        if let Some((deadline, _)) = self.exchange.deadline() {
            // This only ensures another poll by then: the reading side decides what is late.
            if self.is_over(deadline, cx) {
                cx.waker().wake_by_ref();
            }
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
