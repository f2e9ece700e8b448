//! The connection below the framework, where answers are made that no handler sees: to a request that
//! is no HTTP, whose head is too large or never ends. The framework gives those a bare status; here
//! they get what every other error has, CORS included, without which a browser shows nothing.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::web;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::problem::ApiError;
use super::request_id;
use super::state::HttpState;

/// Bytes of a request in which its origin is looked for.
const HEAD: usize = 8 * 1024;

/// A connection.
pub struct Wire {
    stream: TcpStream,
    state: web::Data<HttpState>,
    /// What was read since the last answer began, as far as an origin is looked for.
    head: Vec<u8>,
    /// What stands in for an answer of the framework, and how much of it was written.
    instead: Vec<u8>,
    written: usize,
}

impl Wire {
    /// Wraps a connection.
    pub fn new(stream: TcpStream, state: web::Data<HttpState>) -> Self {
        Self { stream, state, head: Vec::new(), instead: Vec::new(), written: 0 }
    }

    /// Writes what stands in for an answer.
    fn poll_instead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.instead.get(self.written..).filter(|rest| !rest.is_empty()) {
            let count = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += count;
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
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let room = HEAD.saturating_sub(self.head.len());
        let read = buffer.filled().get(before..).unwrap_or_default();
        self.head.extend_from_slice(read.get(..room).unwrap_or(read));
        outcome
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
            self.instead = answer(status, &self.head, &self.state);
            self.written = 0;
            return Poll::Ready(Ok(bytes.len()));
        }
        self.head.clear();
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_instead(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The status of an error that the framework answered by itself: the service's own answers have a
/// request id.
fn bare_status(bytes: &[u8]) -> Option<StatusCode> {
    let status = bytes.strip_prefix(b"HTTP/1.1 ")?.get(..3)?;
    let status = StatusCode::from_bytes(status).ok()?;
    let is_error = status.is_client_error() || status.is_server_error();
    let has_id = |bytes: &[u8]| {
        let name = request_id::HEADER.as_str().as_bytes();
        bytes.windows(name.len()).any(|window| window.eq_ignore_ascii_case(name))
    };
    (is_error && !has_id(bytes)).then_some(status)
}

/// A whole answer: the problem, what every answer has, and CORS for an origin that may read it.
fn answer(status: StatusCode, head: &[u8], state: &HttpState) -> Vec<u8> {
    let id = request_id::of(&HeaderMap::new());
    tracing::info!(request_id = id, status = status.as_u16(), "answered what is no request");
    let body = ApiError::Other(status).body(&id);
    let mut answer = format!(
        "HTTP/1.1 {status}\r\n\
         content-type: application/problem+json\r\n\
         content-length: {length}\r\n\
         connection: close\r\n\
         cache-control: no-store\r\n\
         x-content-type-options: nosniff\r\n\
         {name}: {id}\r\n\
         vary: Origin\r\n",
        length = body.len(),
        name = request_id::HEADER,
    );
    if let Some(origin) = origin(head).filter(|origin| state.may_read(origin)) {
        answer.push_str("access-control-allow-credentials: true\r\naccess-control-allow-origin: ");
        answer.push_str(origin);
        answer.push_str("\r\n");
    }
    answer.push_str("\r\n");
    answer.push_str(&body);
    answer.into_bytes()
}

/// The origin that a request names, however broken the rest of it is.
fn origin(head: &[u8]) -> Option<&str> {
    head.split(|byte| *byte == b'\n').find_map(|line| {
        let line = std::str::from_utf8(line).ok()?.trim();
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("origin").then(|| value.trim())
    })
}
